import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record, rows, succeeded } from '../exchange.ts'
import { blocked, type Created, createCustomer, createProduct, outcomeOf, placeOrder, stockOf } from '../shop.ts'
import { demand } from '../verdict.ts'

const item = ({ id }: Created, quantity = 1) => ({ product_id: id, quantity })

/** Orders items and waits for the end. */
async function buy(
  client: Client,
  customer: Created,
  items: object[],
): Promise<{ accepted: Exchange; ended: Exchange }> {
  const accepted = await placeOrder(client, { customer_id: customer.id, items })
  return { accepted, ended: await outcomeOf(client, accepted) }
}

const wasSold = (ended: Exchange): boolean =>
  record(ended).order_id !== undefined && record(ended).status !== 'rejected'

export const stockChecks: Check[] = [
  {
    id: 'stock.taken',
    level: 'production',
    points: 3,
    does: {
      en: 'Orders two of five units: {customer_id, items: [{product_id, quantity}]}',
      es: 'Pide dos de cinco unidades: {customer_id, items: [{product_id, quantity}]}',
    },
    expects: { en: 'the order succeeds, and the stock is 3', es: 'el pedido tiene éxito, y quedan 3' },
    hint: {
      en: 'Take the stock in the transaction that writes the order.',
      es: 'Descuente las existencias en la transacción que escribe el pedido.',
    },
    async run(client) {
      const [customer, product] = [await createCustomer(client), await createProduct(client, { stock: 5 })]
      const { accepted, ended } = await buy(client, customer, [item(product, 2)])
      const { stock, read } = await stockOf(client, product)
      demand(wasSold(ended) && stock === 3, [product.made, accepted, ended, read])
    },
  },
  {
    id: 'stock.listed',
    level: 'production',
    points: 2,
    does: {
      en: 'Fills the cache, orders one unit, and reads the catalogue',
      es: 'Llena la caché, pide una unidad, y lee el catálogo',
    },
    expects: {
      en: 'within 10 s the list has one unit less: an order changes the catalogue',
      es: 'antes de 10 s la lista tiene una unidad menos: un pedido cambia el catálogo',
    },
    hint: {
      en: 'The worker invalidates, too, after its commit.',
      es: 'El worker también invalida, después de su commit.',
    },
    async run(client) {
      const [customer, product] = [await createCustomer(client), await createProduct(client, { stock: 5 })]
      const before = await client.get('/products/')
      const { accepted, ended } = await buy(client, customer, [item(product)])
      if (!wasSold(ended)) throw blocked(ended)
      let list = before
      await client.until(10, async () => {
        list = await client.get('/products/')
        return rows(list)?.find(({ name }) => name === product.name)?.stock === 4 || undefined
      })
      const stock = rows(list)?.find(({ name }) => name === product.name)?.stock
      demand(stock === 4, [product.made, before, accepted, list], `stock: ${stock}`)
    },
  },
  {
    id: 'stock.total',
    level: 'production',
    points: 2,
    does: { en: 'Orders three at 0.29 and one at 19.99', es: 'Pide tres a 0.29 y uno a 19.99' },
    expects: {
      en: 'a total of exactly 20.86, from the prices in the database',
      es: 'un total de exactamente 20.86, con los precios de la base de datos',
    },
    hint: {
      en: '0.29 * 100 is 28.999999999999996 in binary: count in cents, and round where you come from binary.',
      es: '0.29 * 100 es 28.999999999999996 en binario: cuente en centavos, y redondee al venir del binario.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const [cheap, dear] = [
        await createProduct(client, { price: 0.29 }),
        await createProduct(client, { price: 19.99 }),
      ]
      const { accepted, ended } = await buy(client, customer, [item(cheap, 3), item(dear)])
      if (!wasSold(ended)) throw blocked(ended)
      const order = await client.get(`/orders/${record(ended).order_id}`)
      demand(succeeded(order) && record(order).total === 20.86, [cheap.made, dear.made, accepted, ended, order])
    },
  },
  {
    id: 'stock.oversell',
    level: 'production',
    points: 5,
    does: {
      en: 'Lets thirty buyers order the last ten units at once',
      es: 'Deja que treinta compradores pidan a la vez las últimas diez unidades',
    },
    expects: {
      en: 'ten orders succeed, twenty are rejected, and the stock is 0',
      es: 'diez pedidos tienen éxito, veinte se rechazan, y quedan 0',
    },
    hint: {
      en: 'To read the stock, decide and write it back is a race: lock the row, or update … where stock >= ?',
      es: 'Leer las existencias, decidir y escribirlas es una carrera: bloquee la fila, o update … where stock >= ?',
    },
    async run(client) {
      const [customer, product] = [await createCustomer(client), await createProduct(client, { stock: 10 })]
      const body = { customer_id: customer.id, items: [item(product)] }
      const accepted = await client.crowd(30, () => placeOrder(client, body))
      const ended = []
      for (const each of accepted) ended.push(await outcomeOf(client, each))
      const sold = ended.filter(wasSold)
      const { stock, read } = await stockOf(client, product)
      const left = { en: `${sold.length} sold, ${stock} left`, es: `${sold.length} vendidas, quedan ${stock}` }
      demand(sold.length === 10 && stock === 0, [product.made, ...accepted.slice(0, 2), read], left)
    },
  },
  {
    id: 'stock.all-or-nothing',
    level: 'production',
    points: 3,
    does: { en: 'Orders one thing that is there and one that is not', es: 'Pide algo que hay y algo que no hay' },
    expects: { en: 'the order is rejected, and no stock is taken', es: 'el pedido se rechaza, y no se descuenta nada' },
    hint: {
      en: 'One transaction for all items of an order.',
      es: 'Una transacción para todos los artículos de un pedido.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const [there, gone] = [await createProduct(client, { stock: 5 }), await createProduct(client, { stock: 0 })]
      const { accepted, ended } = await buy(client, customer, [item(there), item(gone)])
      const { stock, read } = await stockOf(client, there)
      demand(!wasSold(ended) && stock === 5, [there.made, gone.made, accepted, ended, read])
    },
  },
  {
    id: 'stock.cancel-once',
    level: 'production',
    points: 3,
    does: {
      en: 'Cancels an order five times at once: POST /orders/{id}/cancel',
      es: 'Cancela un pedido cinco veces a la vez: POST /orders/{id}/cancel',
    },
    expects: { en: 'its units come back once', es: 'sus unidades vuelven una vez' },
    hint: {
      en: 'update orders set status = … where status = …, and give back only if a row was changed.',
      es: 'update orders set status = … where status = …, y devuelva solo si cambió una fila.',
    },
    async run(client) {
      for (let round = 0; round < 3; round += 1) {
        const [customer, product] = [await createCustomer(client), await createProduct(client, { stock: 5 })]
        const { accepted, ended } = await buy(client, customer, [item(product, 2)])
        if (!wasSold(ended)) throw blocked(ended)
        const path = `/orders/${record(ended).order_id}/cancel`
        const cancelled = await client.crowd(5, () => client.send('POST', path))
        const { stock, read } = await stockOf(client, product)
        const [first] = cancelled.filter(succeeded)
        demand(
          first !== undefined && stock === 5,
          [product.made, accepted, ...cancelled.slice(0, 2), read],
          `stock: ${stock}`,
        )
      }
    },
  },
]
