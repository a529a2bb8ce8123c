import type { Check } from '../check.ts'
import { type Exchange, record, succeeded } from '../exchange.ts'
import { createCustomer, ordersOf, placeOrder, untilOrders } from '../shop.ts'
import { Breach, demand } from '../verdict.ts'

/** Seconds an order may take; the original says "a few". */
const PATIENCE_S = 30

export const queueChecks: Check[] = [
  {
    id: 'queue.accepts',
    level: 'seed',
    points: 3,
    does: { en: 'Sends an order with POST /orders/', es: 'Envía un pedido con POST /orders/' },
    expects: { en: 'a 2xx with a job_id', es: 'un 2xx con un job_id' },
    hint: { en: 'Enqueue and answer with the id of the job.', es: 'Encole y responda con el id del trabajo.' },
    async run(client) {
      const { id } = await createCustomer(client)
      const accepted = await client.post('/orders/', { customer_id: id, total: 199.99 })
      demand(succeeded(accepted) && /^(string|number)$/.test(typeof record(accepted).job_id), [accepted])
    },
  },
  {
    id: 'queue.processed',
    level: 'seed',
    points: 4,
    does: { en: 'Sends an order and waits for it in GET /orders/', es: 'Envía un pedido y lo espera en GET /orders/' },
    expects: {
      en: `within ${PATIENCE_S} s, with its customer_id and total`,
      es: `antes de ${PATIENCE_S} s, con su customer_id y su total`,
    },
    hint: {
      en: 'A worker must run, on the queue that the API writes to.',
      es: 'Debe haber un worker en marcha, en la cola en la que escribe la API.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const accepted = await placeOrder(client, { customer_id: customer.id, total: 199.99 })
      const { list, orders } = await untilOrders(client, customer, 1, PATIENCE_S)
      demand(Number(orders[0]?.total) === 199.99, [customer.made, accepted, list], {
        en: 'no such order',
        es: 'no hay tal pedido',
      })
    },
  },
  {
    id: 'queue.deferred',
    level: 'seed',
    points: 3,
    does: {
      en: 'Sends orders, alone and ten at once, and looks at once whether they are done',
      es: 'Envía pedidos, de a uno y de a diez, y mira enseguida si ya están hechos',
    },
    expects: {
      en: 'not always: POST /orders/ answers before the order is in the database',
      es: 'no siempre: POST /orders/ responde antes de que el pedido esté en la base de datos',
    },
    hint: {
      en: 'Work that is done before the answer is not leveled by a queue.',
      es: 'El trabajo hecho antes de la respuesta no lo nivela una cola.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      let history: Exchange[] = []
      for (const size of [1, 1, 1, 10, 1, 1, 10, 1, 1, 10]) {
        const before = (await ordersOf(client, customer)).orders.length
        const ask = () => placeOrder(client, { customer_id: customer.id, total: 5 })
        const placed = size === 1 ? [await ask()] : await client.crowd(size, ask)
        const { list, orders } = await ordersOf(client, customer)
        if (orders.length < before + size) return
        history = [...placed.slice(-1), list]
      }
      throw new Breach(
        {
          en: 'every order was in the list as soon as it was accepted, ten times out of ten',
          es: 'cada pedido estaba en la lista apenas aceptado, diez veces de diez',
        },
        history,
      )
    },
  },
  {
    id: 'queue.dashboard',
    level: 'seed',
    points: 1,
    does: { en: 'Opens the dashboard of the queue', es: 'Abre el panel de la cola' },
    expects: { en: 'a page (200, HTML)', es: 'una página (200, HTML)' },
    hint: {
      en: 'The original has RQ Dashboard on port 9181.',
      es: 'El original tiene RQ Dashboard en el puerto 9181.',
    },
    needs: ['dashboard'],
    async run(client, { dashboard }) {
      const page = await client.get(dashboard)
      demand(
        page.status < 400 &&
          page.status > 0 &&
          (page.status >= 300 || /html/.test(String(page.answer['content-type']))),
        [page],
      )
    },
  },
  {
    id: 'queue.202',
    level: 'solid',
    points: 1,
    does: { en: 'Looks at the status of an accepted order', es: 'Mira el estado de un pedido aceptado' },
    expects: { en: '202 Accepted', es: '202 Accepted' },
    hint: { en: 'RFC 9110, 15.3.3: taken, and not yet done.', es: 'RFC 9110, 15.3.3: recibido, y aún no hecho.' },
    async run(client) {
      const { id } = await createCustomer(client)
      const accepted = await placeOrder(client, { customer_id: id, total: 1 })
      demand(accepted.status === 202, [accepted])
    },
  },
]
