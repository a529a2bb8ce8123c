import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const loadLeveling: Experiment = {
  id: 'load-leveling',
  title: { en: 'The burst', es: 'La ráfaga' },
  hypothesis: {
    en: 'A burst that is decided while clients wait is refused in large part, after long waits; through the queue all of it is accepted at once and decided later, and sooner with four workers than with one.',
    es: 'Una ráfaga que se decide mientras los clientes esperan se rechaza en gran parte, tras largas esperas; a través de la cola se acepta entera y enseguida, y se decide después, antes con cuatro workers que con uno.',
  },
  why: {
    en: 'What a shop can take in at once and what it can decide at once are different numbers. Without a queue the smaller one holds for both: requests wait for a connection to the database until their time is up. A queue keeps the difference. It adds no capacity: with more orders than workers can decide for long, it only grows, so it has a bound. Workers add capacity, independently of the API.',
    es: 'Lo que una tienda puede recibir a la vez y lo que puede decidir a la vez son números distintos. Sin cola, el menor vale para ambos: las peticiones esperan una conexión a la base de datos hasta agotar su tiempo. La cola guarda la diferencia. No añade capacidad: si durante mucho tiempo llegan más pedidos de los que los workers deciden, solo crece, y por eso tiene un tope. La capacidad la añaden los workers, independientemente de la API.',
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
    count('orders', 'Orders of the burst', 'Pedidos de la ráfaga', { default: 80, min: 50, max: 300 }),
    count('order_ms', 'Time that an order takes', 'Tiempo que lleva un pedido', {
      default: 300,
      min: 20,
      max: 500,
      unit: 'ms',
    }),
    count('at_once', 'Orders that a process decides at once', 'Pedidos que un proceso decide a la vez', {
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
      source: 'lab/naive/synchronous-order.ts',
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
    figure('p50_ms', 'Half of the clients waited at most', 'La mitad de los clientes esperó como mucho', 'ms', 'lower'),
    figure('p95_ms', '95 % waited at most', 'El 95 % esperó como mucho', 'ms', 'lower'),
    figure('decided', 'Orders decided', 'Pedidos decididos', '', 'higher'),
    figure(
      'drained_s',
      'All that were accepted are decided after',
      'Todos los aceptados están decididos a los',
      's',
      'neither',
    ),
  ],
  series: [
    series('waiting', 'Accepted and not yet decided', 'Aceptados y aún sin decidir', ''),
    series('decided', 'Decided so far', 'Decididos hasta ahora', ''),
    series('refused', 'Refused so far', 'Rechazados hasta ahora', ''),
  ],
  parts: ['api', 'queue', 'worker', 'database'],
}
