import type { Part } from './protocol/part-schema.ts'

/** The parts of the running shop as the page draws them, and the files that they are written in. */
export const parts: Part[] = [
  {
    part: 'client',
    title: { en: 'Clients', es: 'Clientes' },
    text: {
      en: 'Whoever sends requests: curl, a browser, the documentation page.',
      es: 'Quien envía peticiones: curl, un navegador, la página de la documentación.',
    },
    sources: ['src/app.ts', 'src/http/errors.ts', 'src/patterns/rate-limit/client-address.ts'],
  },
  {
    part: 'limiter',
    title: { en: 'Rate limiter', es: 'Limitador' },
    text: {
      en: 'Lets a number of requests through in any window of time, for each address and endpoint.',
      es: 'Deja pasar cierto número de peticiones en cualquier ventana de tiempo, por dirección y ruta.',
    },
    sources: [
      'src/patterns/rate-limit/limiter.ts',
      'src/patterns/rate-limit/memory-limiter.ts',
      'src/patterns/rate-limit/redis-limiter.ts',
      'src/patterns/rate-limit/rate-limit.ts',
    ],
  },
  {
    part: 'api',
    title: { en: 'API', es: 'API' },
    text: {
      en: 'Checks each request, answers reads, and takes orders in without deciding them.',
      es: 'Comprueba cada petición, responde las lecturas y acepta pedidos sin decidirlos.',
    },
    sources: [
      'src/app.ts',
      'src/orders/orders.routes.ts',
      'src/orders/place-order.ts',
      'src/products/products.routes.ts',
    ],
  },
  {
    part: 'cache',
    title: { en: 'Cache', es: 'Caché' },
    text: {
      en: 'Keeps the whole catalogue for a minute at most; every write removes it.',
      es: 'Guarda el catálogo entero un minuto como mucho; cada escritura lo quita.',
    },
    sources: [
      'src/patterns/cache/cache-aside.ts',
      'src/patterns/cache/cache.ts',
      'src/patterns/cache/memory-cache.ts',
      'src/patterns/cache/redis-cache.ts',
      'src/products/product-list.ts',
    ],
  },
  {
    part: 'queue',
    title: { en: 'Queue', es: 'Cola' },
    text: {
      en: 'Holds accepted orders until a worker has time: a burst becomes a longer wait, not a failure.',
      es: 'Retiene los pedidos aceptados hasta que un worker tiene tiempo: una ráfaga es más espera, no un fallo.',
    },
    sources: [
      'src/patterns/queue/queue.ts',
      'src/patterns/queue/backlog.ts',
      'src/patterns/queue/bullmq-workarounds.ts',
      'src/orders/order-job.ts',
    ],
  },
  {
    part: 'worker',
    title: { en: 'Worker', es: 'Worker' },
    text: {
      en: 'Decides orders one transaction each, tries again what fails, and makes one order of a job that comes twice.',
      es: 'Decide cada pedido en una transacción, reintenta lo que falla y hace un solo pedido de un trabajo repetido.',
    },
    sources: ['src/orders/order-worker.ts', 'src/orders/process-order.ts', 'src/orders/orders.queries.ts'],
  },
  {
    part: 'database',
    title: { en: 'Database', es: 'Base de datos' },
    text: {
      en: 'PostgreSQL: the truth, behind a bounded pool of connections.',
      es: 'PostgreSQL: la verdad, tras un número limitado de conexiones.',
    },
    sources: [
      'src/db/database.ts',
      'src/db/migrations/0001_shop.sql',
      'src/db/embedded/embedded-postgres.ts',
      'src/db/migrations.ts',
    ],
  },
  {
    part: 'health',
    title: { en: 'Health', es: 'Salud' },
    text: {
      en: 'Says whether the process lives, whether it can work, and how each part does.',
      es: 'Dice si el proceso vive, si puede trabajar y cómo está cada parte.',
    },
    sources: ['src/patterns/health/health-monitor.ts', 'src/patterns/health/health.routes.ts'],
  },
]
