import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const cache: Experiment = {
  id: 'cache',
  title: { en: 'With and without the cache', es: 'Con y sin caché' },
  hypothesis: {
    en: 'With cache-aside, most reads of the catalogue are hits. They take a fraction of the time and rarely query the database, although every write removes the entry.',
    es: 'Con cache-aside, la mayoría de las lecturas del catálogo son aciertos. Tardan una fracción del tiempo y casi no consultan la base de datos, aunque cada escritura elimina la entrada.',
  },
  why: {
    en: 'Data that is read often and rarely changes is worth caching. A hit saves the query, the transfer of the rows, and writing them as JSON. How much the cache helps depends on the hit ratio, and that depends on how many reads come between two writes. The price is invalidation: see the experiment “The stale re-store”.',
    es: 'Vale la pena guardar en caché los datos que se leen a menudo y cambian poco. Un acierto ahorra la consulta, la transferencia de las filas y su conversión a JSON. Cuánto ayuda la caché depende de la tasa de aciertos, y esta depende de cuántas lecturas hay entre dos escrituras. El precio es la invalidación: mira el experimento «El dato viejo que vuelve».',
    sources: [
      {
        title: 'Cache-Aside pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/cache-aside',
      },
      { title: 'RFC 9211: The Cache-Status HTTP Response Header Field', url: 'https://www.rfc-editor.org/rfc/rfc9211' },
    ],
  },
  settings: [
    count('products', 'Products in the catalogue', 'Productos del catálogo', { default: 500, min: 10, max: 5000 }),
    count('readers', 'Concurrent readers', 'Lectores simultáneos', {
      default: 8,
      min: 1,
      max: 50,
    }),
    count('write_every_ms', 'Time between two writes', 'Tiempo entre dos escrituras', {
      default: 1000,
      min: 50,
      max: 5000,
      unit: 'ms',
    }),
    count('duration_s', 'Duration', 'Duración', { default: 6, min: 2, max: 30, unit: 's' }),
  ],
  seconds: 20,
  variants: [
    { id: 'off', label: { en: 'No cache', es: 'Sin caché' }, protected: false, source: 'naive/no-cache.ts' },
    {
      id: 'on',
      label: { en: 'Cache-aside', es: 'Cache-aside' },
      protected: true,
      source: 'src/patterns/cache/cache-aside.ts',
    },
  ],
  figures: [
    figure('hit_ratio', 'Hit ratio', 'Tasa de aciertos', '%', 'higher'),
    figure('p50_ms', 'Read time, median', 'Tiempo de lectura, mediana', 'ms', 'lower'),
    figure('p95_ms', 'Read time, 95th percentile', 'Tiempo de lectura, percentil 95', 'ms', 'lower'),
    figure('reads', 'Reads', 'Lecturas', '1/s', 'higher'),
    figure('queries', 'Database queries', 'Consultas a la base de datos', '1/s', 'lower'),
  ],
  series: [
    series(
      'p50_ms',
      'Median read time of each half second',
      'Mediana del tiempo de lectura en cada medio segundo',
      'ms',
      'line',
    ),
    series('reads', 'Reads so far', 'Lecturas hasta ahora', '', 'line'),
    series('queries', 'Queries so far', 'Consultas hasta ahora', '', 'line'),
  ],
  parts: ['cache', 'database', 'api'],
}
