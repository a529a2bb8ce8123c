import type { Part } from './protocol/part-schema.ts'

/** The parts of the running shop in the page's diagram, and their source files. */
export const parts: Part[] = [
  {
    part: 'client',
    title: { en: 'Clients', es: 'Clientes' },
    text: {
      en: 'Everything that sends requests: curl, a browser, the documentation page.',
      es: 'Todo lo que envía peticiones: curl, un navegador, la página de la documentación.',
    },
    sources: ['src/app.ts', 'src/http/errors.ts', 'src/patterns/rate-limit/client-address.ts'],
  },
  {
    part: 'limiter',
    title: { en: 'Rate limiter', es: 'Limitador' },
    text: {
      en: 'Admits a number of requests in any window of time, for each client address and route.',
      es: 'Admite cierto número de peticiones en cualquier ventana de tiempo, por dirección de cliente y ruta.',
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
      en: 'Validates each request, answers reads, and accepts orders without deciding them.',
      es: 'Valida cada petición, responde las lecturas y acepta pedidos sin decidirlos.',
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
      en: 'Keeps the whole catalogue for at most a minute; every write removes it.',
      es: 'Guarda el catálogo completo un minuto como máximo; cada escritura lo elimina.',
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
      en: 'Holds accepted orders until a worker is free: a burst means a longer wait, not errors.',
      es: 'Retiene los pedidos aceptados hasta que un worker está libre: una ráfaga significa más espera, no errores.',
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
      en: 'Decides orders in transactions, retries what fails, and makes one order of a job that is delivered twice.',
      es: 'Decide los pedidos en transacciones, reintenta lo que falla y hace un solo pedido de un trabajo entregado dos veces.',
    },
    sources: [
      'src/orders/order-worker.ts',
      'src/orders/batch.ts',
      'src/orders/decide-orders.ts',
      'src/orders/decisions.queries.ts',
    ],
  },
  {
    part: 'database',
    title: { en: 'Database', es: 'Base de datos' },
    text: {
      en: 'PostgreSQL, the source of truth, behind a bounded pool of connections.',
      es: 'PostgreSQL, la fuente de la verdad, tras un pool de conexiones limitado.',
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
      en: 'Reports whether the process is alive, whether it can work, and how each part is doing.',
      es: 'Informa si el proceso está vivo, si puede trabajar y cómo está cada parte.',
    },
    sources: ['src/patterns/health/health-monitor.ts', 'src/patterns/health/health.routes.ts'],
  },
]
