import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const loadLeveling: Experiment = {
  id: 'load-leveling',
  title: { en: 'The burst', es: 'La ráfaga' },
  hypothesis: {
    en: 'When orders are decided while the clients wait, much of a burst is refused after long waits. Through the queue the whole burst is accepted at once and decided later, sooner with four workers than with one.',
    es: 'Si los pedidos se deciden mientras los clientes esperan, gran parte de una ráfaga se rechaza tras largas esperas. Con la cola, toda la ráfaga se acepta de inmediato y se decide después, antes con cuatro workers que con uno.',
  },
  why: {
    en: 'How many orders a shop can accept at once and how many it can decide at once are two different numbers. Without a queue the smaller one limits both: requests wait for a database connection until they time out. The queue absorbs the difference. It adds no capacity: while orders arrive faster than the workers decide them, the backlog only grows, so it is bounded. Workers add capacity, and they scale independently of the API.',
    es: 'Cuántos pedidos puede aceptar a la vez una tienda y cuántos puede decidir a la vez son dos números distintos. Sin cola, el menor limita ambos: las peticiones esperan una conexión a la base de datos hasta que se agota su tiempo. La cola absorbe la diferencia. No agrega capacidad: mientras llegan más pedidos de los que los workers deciden, la cola solo crece, y por eso tiene un límite. Los workers agregan capacidad, y escalan independientemente de la API.',
    sources: [
      {
        title: 'Queue-Based Load Leveling pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/queue-based-load-leveling',
      },
      {
        title: 'Competing Consumers pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/competing-consumers',
      },
      {
        title: 'Asynchronous Request-Reply pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/async-request-reply',
      },
    ],
  },
  settings: [
    count('orders', 'Orders in the burst', 'Pedidos de la ráfaga', { default: 80, min: 50, max: 300 }),
    count('order_ms', 'Time to decide an order', 'Tiempo para decidir un pedido', {
      default: 300,
      min: 20,
      max: 500,
      unit: 'ms',
    }),
    count('at_once', 'Concurrent orders per process', 'Pedidos simultáneos por proceso', {
      default: 4,
      min: 2,
      max: 10,
    }),
  ],
  seconds: 30,
  variants: [
    {
      id: 'synchronous',
      label: { en: 'While the client waits', es: 'Mientras el cliente espera' },
      protected: false,
      source: 'naive/synchronous-order.ts',
    },
    {
      id: 'queued-1',
      label: { en: 'Queue, one worker', es: 'Cola, un worker' },
      protected: true,
      source: 'src/orders/place-order.ts',
    },
    {
      id: 'queued-4',
      label: { en: 'Queue, four workers', es: 'Cola, cuatro workers' },
      protected: true,
      source: 'src/orders/order-worker.ts',
    },
  ],
  figures: [
    figure('refused', 'Orders refused', 'Pedidos rechazados', '', 'lower'),
    figure('p50_ms', 'Wait of a client, median', 'Espera de un cliente, mediana', 'ms', 'lower'),
    figure('p95_ms', 'Wait of a client, 95th percentile', 'Espera de un cliente, percentil 95', 'ms', 'lower'),
    figure('decided', 'Orders decided', 'Pedidos decididos', '', 'higher'),
    figure(
      'drained_s',
      'Time until every accepted order is decided',
      'Tiempo hasta decidir todos los pedidos aceptados',
      's',
      'neither',
    ),
  ],
  series: [
    series('waiting', 'Accepted, not yet decided', 'Aceptados, aún sin decidir', ''),
    series('decided', 'Decided so far', 'Decididos hasta ahora', ''),
    series('refused', 'Refused so far', 'Rechazados hasta ahora', ''),
  ],
  parts: ['api', 'queue', 'worker', 'database'],
}
