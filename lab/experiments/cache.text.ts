import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const cache: Experiment = {
  id: 'cache',
  title: { en: 'With and without the cache', es: 'Con y sin caché' },
  hypothesis: {
    en: 'With cache-aside most reads of the catalogue are hits: they take a fraction of the time, and the database is hardly asked, although every write removes the entry.',
    es: 'Con cache-aside la mayoría de las lecturas del catálogo son aciertos: tardan una fracción, y a la base de datos apenas se le pregunta, aunque cada escritura quita la entrada.',
  },
  why: {
    en: 'What is read often and changes seldom is worth keeping. A hit saves the query, the rows on the wire, and writing them as JSON. How much it helps is the hit ratio, and that is a matter of reads for each write, not of the cache. What it costs is invalidation: see the stale re-store.',
    es: 'Lo que se lee a menudo y cambia poco merece guardarse. Un acierto ahorra la consulta, las filas por la red y escribirlas como JSON. Cuánto ayuda lo dice la tasa de aciertos, que depende de cuántas lecturas hay por escritura, no de la caché. Lo que cuesta es invalidar: véase el viejo que vuelve.',
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
    count('readers', 'Readers, one request after the other', 'Lectores, una petición tras otra', {
      default: 8,
      min: 1,
      max: 50,
    }),
    count('write_every_ms', 'Between two writes', 'Entre dos escrituras', {
      default: 1000,
      min: 50,
      max: 5000,
      unit: 'ms',
    }),
    count('duration_s', 'How long they read', 'Cuánto tiempo leen', { default: 6, min: 2, max: 30, unit: 's' }),
  ],
  seconds: 20,
  variants: [
    { id: 'off', label: { en: 'No cache', es: 'Sin caché' }, protected: false, source: 'lab/naive/no-cache.ts' },
    {
      id: 'on',
      label: { en: 'Cache-aside', es: 'Cache-aside' },
      protected: true,
      source: 'src/patterns/cache/cache-aside.ts',
    },
  ],
  figures: [
    figure('hit_ratio', 'Hits', 'Aciertos', '%', 'higher'),
    figure('p50_ms', 'Half of the reads took at most', 'La mitad de las lecturas tardó como mucho', 'ms', 'lower'),
    figure('p95_ms', '95 % took at most', 'El 95 % tardó como mucho', 'ms', 'lower'),
    figure('reads', 'Reads', 'Lecturas', '1/s', 'higher'),
    figure('queries', 'Queries of the database', 'Consultas a la base de datos', '1/s', 'lower'),
  ],
  series: [
    series('p50_ms', 'Median of the last half second', 'Mediana del último medio segundo', 'ms', 'line'),
    series('reads', 'Reads so far', 'Lecturas hasta ahora', '', 'line'),
    series('queries', 'Queries so far', 'Consultas hasta ahora', '', 'line'),
  ],
  parts: ['cache', 'database', 'api'],
}
