import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const stampede: Experiment = {
  id: 'stampede',
  title: { en: 'The stampede', es: 'La estampida' },
  hypothesis: {
    en: 'When an entry expires and a hundred readers arrive at once, textbook cache-aside queries the database about a hundred times. With single flight it queries once.',
    es: 'Cuando una entrada caduca y llegan cien lectores a la vez, el cache-aside de manual consulta la base de datos unas cien veces. Con single flight la consulta una vez.',
  },
  why: {
    en: 'All readers miss before the first one has its answer, so each sends the same query. The slower the query, the more readers miss meanwhile: the load is highest when the database can least bear it. With single flight, the first reader that misses loads the value, and readers that miss meanwhile wait for that load. A reader joins only a load of its own generation, so nobody sees an old value.',
    es: 'Todos los lectores fallan antes de que el primero tenga su respuesta, así que cada uno envía la misma consulta. Cuanto más lenta es la consulta, más lectores fallan mientras tanto: la carga es máxima cuando la base de datos menos la soporta. Con single flight, el primer lector que falla carga el valor, y los que fallan mientras tanto esperan esa carga. Un lector solo se une a una carga de su propia generación, así que nadie ve un valor viejo.',
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
    count('readers', 'Concurrent readers', 'Lectores simultáneos', { default: 100, min: 10, max: 400 }),
    count('query_ms', 'Latency of the database', 'Latencia de la base de datos', {
      default: 250,
      min: 20,
      max: 1000,
      unit: 'ms',
    }),
    count('rounds', 'Times the entry expires', 'Veces que caduca la entrada', { default: 3, min: 1, max: 10 }),
  ],
  seconds: 14,
  variants: [
    {
      id: 'textbook',
      label: { en: 'Textbook cache-aside', es: 'Cache-aside de manual' },
      protected: false,
      source: 'naive/no-single-flight.ts',
    },
    {
      id: 'single-flight',
      label: { en: 'Single flight', es: 'Single flight' },
      protected: true,
      source: 'src/patterns/cache/cache-aside.ts',
    },
  ],
  figures: [
    figure('queries', 'Queries per expiry', 'Consultas por caducidad', '', 'lower'),
    figure('p50_ms', 'Wait of a reader, median', 'Espera de un lector, mediana', 'ms', 'lower'),
    figure('p95_ms', 'Wait of a reader, 95th percentile', 'Espera de un lector, percentil 95', 'ms', 'lower'),
    figure('unanswered', 'Readers without an answer', 'Lectores sin respuesta', '', 'lower'),
  ],
  series: [
    series('queries', 'Database queries so far', 'Consultas a la base de datos hasta ahora', ''),
    series('answered', 'Readers answered so far', 'Lectores respondidos hasta ahora', ''),
  ],
  parts: ['cache', 'database'],
}
