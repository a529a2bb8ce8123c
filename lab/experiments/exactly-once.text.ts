import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const exactlyOnce: Experiment = {
  id: 'exactly-once',
  title: { en: 'Exactly one order', es: 'Exactamente un pedido' },
  hypothesis: {
    en: 'With answers lost and workers killed, delivering at least once doubles orders, delivering at most once loses them, and delivering at least once to a receiver that is idempotent does neither.',
    es: 'Con respuestas perdidas y workers matados, entregar al menos una vez duplica pedidos, entregar como mucho una vez los pierde, y entregar al menos una vez a un receptor idempotente no hace ni lo uno ni lo otro.',
  },
  why: {
    en: 'Whoever gets no answer can’t tell whether the work was done: to ask again risks it twice, not to ask risks it never. No protocol takes that choice away. So ask again, always, and make the second time harmless: the client’s Idempotency-Key names the job, and the order carries the job’s id in a unique column, written in the same transaction.',
    es: 'Quien no recibe respuesta no puede saber si el trabajo se hizo: volver a pedirlo arriesga hacerlo dos veces, no pedirlo arriesga no hacerlo. Ningún protocolo evita esa elección. Así que se vuelve a pedir, siempre, y se hace inocua la segunda vez: la Idempotency-Key del cliente da nombre al trabajo, y el pedido lleva el id del trabajo en una columna única, escrita en la misma transacción.',
    sources: [
      {
        title: 'Hohpe and Woolf, Idempotent Receiver',
        url: 'https://www.enterpriseintegrationpatterns.com/patterns/messaging/IdempotentReceiver.html',
      },
      {
        title: 'The Idempotency-Key HTTP Header Field (IETF draft)',
        url: 'https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/',
      },
      {
        title: 'Saltzer, Reed, Clark, End-to-End Arguments in System Design (1984)',
        url: 'https://web.mit.edu/Saltzer/www/publications/endtoend/endtoend.pdf',
      },
    ],
  },
  settings: [
    count('orders', 'Orders, each with a key of its own', 'Pedidos, cada uno con su clave', {
      default: 80,
      min: 20,
      max: 400,
    }),
    count('rate', 'Orders a second', 'Pedidos por segundo', { default: 20, min: 5, max: 40, unit: '1/s' }),
    count('lose_every', 'One in so many answers is lost', 'Se pierde una de cada tantas respuestas', {
      default: 5,
      min: 2,
      max: 20,
    }),
    count('kills', 'Workers killed', 'Workers matados', { default: 2, min: 1, max: 5 }),
  ],
  seconds: 55,
  variants: [
    {
      id: 'at-least-once',
      label: { en: 'At least once', es: 'Al menos una vez' },
      protected: false,
      source: 'lab/naive/no-idempotency.ts',
    },
    {
      id: 'at-most-once',
      label: { en: 'At most once', es: 'Como mucho una vez' },
      protected: false,
      source: 'lab/naive/acknowledge-first.ts',
    },
    {
      id: 'idempotent',
      label: { en: 'At least once, idempotent', es: 'Al menos una vez, idempotente' },
      protected: true,
      source: 'src/orders/process-order.ts',
    },
  ],
  figures: [
    figure('doubled', 'Orders too many', 'Pedidos de más', '', 'lower'),
    figure('lost', 'Accepted orders that are nowhere', 'Pedidos aceptados que no están', '', 'lower'),
    figure('retries', 'Requests sent again', 'Peticiones repetidas', ''),
    figure('kills', 'Workers killed', 'Workers matados', ''),
  ],
  series: [
    series('accepted', 'Orders accepted', 'Pedidos aceptados', ''),
    series('stored', 'Orders in the database', 'Pedidos en la base de datos', ''),
  ],
  parts: ['client', 'api', 'queue', 'worker'],
}
