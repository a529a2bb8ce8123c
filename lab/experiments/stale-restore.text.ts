import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const staleRestore: Experiment = {
  id: 'stale-restore',
  title: { en: 'The stale re-store', es: 'El dato viejo que vuelve' },
  hypothesis: {
    en: 'One slow reader can store an old price in the cache after the new one was acknowledged, and every reader sees it until the entry expires. With the generation fence, nobody does.',
    es: 'Un solo lector lento puede guardar en la caché un precio viejo después de que se confirmó el nuevo, y todos los lectores lo ven hasta que la entrada caduca. Con la valla de generaciones (generation fence) no lo ve nadie.',
  },
  why: {
    en: 'The slow reader reads the rows before the write and stores them after it. The invalidation came in between, when there was nothing to remove yet. So a reader that misses gets a token, and may store only while its token is valid; every invalidation replaces the token. The TTL limits the damage, and without the fence it is the only limit.',
    es: 'El lector lento lee las filas antes de la escritura y las guarda después. La invalidación llegó en medio, cuando aún no había nada que eliminar. Por eso un lector que falla recibe un token, y solo puede guardar mientras su token sea válido; cada invalidación reemplaza el token. El TTL limita el daño, y sin la valla es el único límite.',
    sources: [
      {
        title: 'Nishtala et al., Scaling Memcache at Facebook (2013), 3.2.1 stale sets',
        url: 'https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala',
      },
      {
        title: 'Kleppmann, How to do distributed locking (2016), fencing tokens',
        url: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
      },
      {
        title: 'Cache-Aside pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/cache-aside',
      },
    ],
  },
  settings: [
    count('slow_ms', 'Delay of the slow answer', 'Retraso de la respuesta lenta', {
      default: 800,
      min: 200,
      max: 1500,
      unit: 'ms',
    }),
    count('ttl_s', 'TTL of an entry', 'TTL de una entrada', {
      default: 3,
      min: 1,
      max: 20,
      unit: 's',
    }),
    count('rounds', 'Rounds', 'Rondas', { default: 2, min: 1, max: 5 }),
  ],
  seconds: 25,
  variants: [
    {
      id: 'no-fence',
      label: { en: 'Without the fence', es: 'Sin la valla' },
      protected: false,
      source: 'naive/no-fence.ts',
    },
    {
      id: 'fence',
      label: { en: 'With the fence', es: 'Con la valla' },
      protected: true,
      source: 'src/patterns/cache/cache-aside.ts',
    },
  ],
  figures: [
    figure('stale_reads', 'Reads of the old price', 'Lecturas del precio viejo', '', 'lower'),
    figure('stale_s', 'Longest time the old price was shown', 'Tiempo máximo con el precio viejo', 's', 'lower'),
    figure('reads', 'Reads after the change', 'Lecturas tras el cambio', ''),
  ],
  series: [
    series('shown', 'Price in the list', 'Precio en la lista', ''),
    series('acknowledged', 'Price acknowledged', 'Precio confirmado', ''),
  ],
  parts: ['cache', 'database'],
}
