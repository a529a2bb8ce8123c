import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const staleRestore: Experiment = {
  id: 'stale-restore',
  title: { en: 'The stale re-store', es: 'El viejo que vuelve' },
  hypothesis: {
    en: 'One slow reader can put an old price back into the cache after the new one was acknowledged, and all readers see it for a whole time to live; with the generation fence nobody does.',
    es: 'Un solo lector lento puede devolver a la caché un precio viejo después de confirmado el nuevo, y todos lo ven durante toda la vida de la entrada; con la valla de generaciones, nadie.',
  },
  why: {
    en: 'The reader read the rows before the write and stores them after it. Invalidating after the write came too early to remove what was not there yet. So a reader gets a token when it misses, and may store only while that token stands; every invalidation replaces it. The time to live limits the damage, and is the only limit without the fence.',
    es: 'El lector leyó las filas antes de la escritura y las guarda después. La invalidación llegó demasiado pronto para quitar lo que aún no estaba. Por eso el lector recibe una ficha cuando falla, y solo puede guardar mientras esa ficha valga; cada invalidación la cambia. El tiempo de vida limita el daño, y sin la valla es el único límite.',
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
    count('slow_ms', 'How late the slow answer comes', 'Cuánto tarda la respuesta lenta', {
      default: 800,
      min: 200,
      max: 1500,
      unit: 'ms',
    }),
    count('ttl_s', 'Time to live of an entry', 'Tiempo de vida de una entrada', {
      default: 3,
      min: 1,
      max: 20,
      unit: 's',
    }),
    count('rounds', 'Times that it is tried', 'Veces que se intenta', { default: 2, min: 1, max: 5 }),
  ],
  seconds: 25,
  variants: [
    {
      id: 'no-fence',
      label: { en: 'Without the fence', es: 'Sin la valla' },
      protected: false,
      source: 'lab/naive/no-fence.ts',
    },
    {
      id: 'fence',
      label: { en: 'With the fence', es: 'Con la valla' },
      protected: true,
      source: 'src/patterns/cache/cache-aside.ts',
    },
  ],
  figures: [
    figure('stale_reads', 'Readers shown the old price', 'Lectores que vieron el precio viejo', '', 'lower'),
    figure('stale_s', 'The old price was shown for up to', 'El precio viejo se mostró hasta', 's', 'lower'),
    figure('reads', 'Readers after the change', 'Lectores tras el cambio', ''),
  ],
  series: [
    series('shown', 'Price in the list', 'Precio en la lista', ''),
    series('acknowledged', 'Price that was acknowledged', 'Precio confirmado', ''),
  ],
  parts: ['cache', 'database'],
}
