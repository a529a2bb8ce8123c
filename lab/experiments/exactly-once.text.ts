import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const exactlyOnce: Experiment = {
  id: 'exactly-once',
  title: { en: 'Exactly one order', es: 'Exactamente un pedido' },
  hypothesis: {
    en: 'When answers are lost and workers are killed, at-least-once delivery duplicates orders and at-most-once delivery loses them. At-least-once delivery to an idempotent receiver does neither.',
    es: 'Cuando se pierden respuestas y mueren workers, la entrega al menos una vez duplica pedidos y la entrega como máximo una vez los pierde. La entrega al menos una vez a un receptor idempotente no hace ninguna de las dos cosas.',
  },
  why: {
    en: 'A client that gets no answer cannot know whether the work was done. If it asks again, the work may be done twice; if it does not, the work may never be done. No protocol removes this choice. So always retry, and make the second time harmless: the client’s Idempotency-Key identifies the order job, and the order stores the job’s id in a unique column, in the same transaction.',
    es: 'Un cliente que no recibe respuesta no puede saber si el trabajo se hizo. Si lo pide otra vez, puede hacerse dos veces; si no lo pide, puede no hacerse nunca. Ningún protocolo evita esa elección. Por eso siempre se reintenta, y la segunda vez se hace inofensiva: la Idempotency-Key del cliente identifica el trabajo, y el pedido guarda el id del trabajo en una columna única, en la misma transacción.',
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
    count('orders', 'Orders, each with its own key', 'Pedidos, cada uno con su clave', {
      default: 80,
      min: 20,
      max: 400,
    }),
    count('rate', 'Orders per second', 'Pedidos por segundo', { default: 20, min: 5, max: 40, unit: '1/s' }),
    count('lose_every', 'One answer is lost out of', 'Se pierde una respuesta de cada', {
      default: 5,
      min: 2,
      max: 20,
    }),
    count('kills', 'Workers killed', 'Workers terminados con SIGKILL', { default: 2, min: 1, max: 5 }),
  ],
  seconds: 55,
  variants: [
    {
      id: 'at-least-once',
      label: { en: 'At least once', es: 'Al menos una vez' },
      protected: false,
      source: 'naive/no-idempotency.ts',
    },
    {
      id: 'at-most-once',
      label: { en: 'At most once', es: 'Como máximo una vez' },
      protected: false,
      source: 'naive/acknowledge-first.ts',
    },
    {
      id: 'idempotent',
      label: { en: 'At least once, idempotent', es: 'Al menos una vez, idempotente' },
      protected: true,
      source: 'src/orders/decide-orders.ts',
    },
  ],
  figures: [
    figure('doubled', 'Duplicate orders', 'Pedidos duplicados', '', 'lower'),
    figure('lost', 'Accepted orders lost', 'Pedidos aceptados que se perdieron', '', 'lower'),
    figure('retries', 'Requests retried', 'Peticiones reintentadas', ''),
    figure('kills', 'Workers killed', 'Workers terminados con SIGKILL', ''),
  ],
  series: [
    series('accepted', 'Orders accepted', 'Pedidos aceptados', ''),
    series('stored', 'Orders in the database', 'Pedidos en la base de datos', ''),
  ],
  parts: ['client', 'api', 'queue', 'worker'],
}
