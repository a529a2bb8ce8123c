import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const stampede: Experiment = {
  id: 'stampede',
  title: { en: 'The stampede', es: 'La estampida' },
  hypothesis: {
    en: 'When an entry ends and a hundred readers come at once, textbook cache-aside asks the database about a hundred times; with single flight it asks once.',
    es: 'Cuando una entrada caduca y llegan cien lectores a la vez, el cache-aside de los manuales pregunta a la base de datos unas cien veces; con single flight pregunta una.',
  },
  why: {
    en: 'All of them miss before the first has an answer, so each asks the same question. The slower the question, the more readers miss meanwhile: the load is highest when the database can least bear it. With single flight the first miss loads, and whoever misses meanwhile waits for that load. It must not make readers see old values, so a reader joins only a load of its own generation.',
    es: 'Todos fallan antes de que el primero tenga respuesta, y cada uno hace la misma pregunta. Cuanto más lenta es la pregunta, más lectores fallan mientras tanto: la carga es máxima cuando la base de datos menos la soporta. Con single flight carga el primero que falla, y quien falla mientras tanto espera esa carga. Para que nadie vea valores viejos, un lector solo se une a una carga de su propia generación.',
    sources: [
      {
        title: 'Nishtala et al., Scaling Memcache at Facebook (2013), leases',
        url: 'https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala',
      },
      {
        title: 'Cache-Aside pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/cache-aside',
      },
      { title: 'Cache stampede, Wikipedia', url: 'https://en.wikipedia.org/wiki/Cache_stampede' },
    ],
  },
  settings: [
    count('readers', 'Readers that come at once', 'Lectores que llegan a la vez', { default: 100, min: 10, max: 400 }),
    count('query_ms', 'How far away the database is', 'Lo lejos que está la base de datos', {
      default: 250,
      min: 20,
      max: 1000,
      unit: 'ms',
    }),
    count('rounds', 'Times that the entry ends', 'Veces que la entrada caduca', { default: 3, min: 1, max: 10 }),
  ],
  seconds: 14,
  variants: [
    {
      id: 'textbook',
      label: { en: 'Textbook cache-aside', es: 'Cache-aside de manual' },
      protected: false,
      source: 'lab/naive/no-single-flight.ts',
    },
    {
      id: 'single-flight',
      label: { en: 'Single flight', es: 'Single flight' },
      protected: true,
      source: 'src/patterns/cache/cache-aside.ts',
    },
  ],
  figures: [
    figure('queries', 'Queries for each time it ended', 'Consultas por cada caducidad', '', 'lower'),
    figure('p50_ms', 'Half of the readers waited at most', 'La mitad de los lectores esperó como mucho', 'ms', 'lower'),
    figure('p95_ms', '95 % waited at most', 'El 95 % esperó como mucho', 'ms', 'lower'),
    figure('unanswered', 'Readers without the list', 'Lectores sin la lista', '', 'lower'),
  ],
  series: [
    series('queries', 'Queries of the database so far', 'Consultas a la base de datos hasta ahora', ''),
    series('answered', 'Readers answered so far', 'Lectores respondidos hasta ahora', ''),
  ],
  parts: ['cache', 'database'],
}
