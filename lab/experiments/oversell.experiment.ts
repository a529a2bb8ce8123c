import { ask, must } from '../../support/http.ts'
import { type Bench, integer, type Runnable } from '../experiment.ts'
import { letFirstOrderThrough } from '../sandbox/first-order.ts'
import { eventually, every } from '../sandbox/timing.ts'
import { oversell as about } from './oversell.text.ts'

/** Upper bound until all orders are decided, on a busy machine. */
const PATIENCE_MS = 60_000

export const oversell: Runnable = {
  about,

  async run(variant, bench) {
    const buyers = integer(bench.settings, 'buyers')
    const stock = integer(bench.settings, 'stock')
    const { database, url } = await openShop(variant, bench)
    const customer_id = await letFirstOrderThrough(url, bench.signal)
    const { id: product_id } = await must<{ id: number }>(`${url}/products/`, {
      body: { name: 'Lamp', price: 19.99, stock },
    })

    const look = async () => {
      const [row] = await database.rows<{ sold: number; stock: number; decided: number; refused: number }>(
        `select (select coalesce(sum(quantity), 0)::int from order_items) as sold,
                (select stock from products where id = $1) as stock,
                (select count(*)::int - 1 from order_jobs) as decided,
                (select count(*)::int from order_jobs where status = 'rejected') as refused`,
        [product_id],
      )
      if (!row) throw new Error('the product is gone')
      bench.point('sold', row.sold)
      bench.point('stock', row.stock)
      return row
    }

    bench.begin()
    await look()
    const watching = new AbortController()
    const watch = bench.beside(
      every(50, AbortSignal.any([bench.signal, watching.signal]), async () => void (await look())),
    )
    bench.event('buyers', {
      en: `${buyers} buyers order one of the last ${stock} units at once`,
      es: `${buyers} compradores piden a la vez una de las últimas ${stock} unidades`,
    })
    const order = { customer_id, items: [{ product_id, quantity: 1 }] }
    const answers = await Promise.all(Array.from({ length: buyers }, () => ask(`${url}/orders/`, { body: order })))
    const accepted = answers.filter(({ status }) => status === 202).length
    bench.event('api', { en: `${accepted} orders are accepted (202)`, es: `se aceptan ${accepted} pedidos (202)` })
    await eventually(
      'all orders are decided',
      PATIENCE_MS,
      bench.signal,
      async () => (await look()).decided >= accepted,
    )
    watching.abort()
    await watch
    const { sold, stock: stock_left, refused } = await look()
    bench.event('worker', {
      en: `all are decided: ${sold} sold, ${refused} refused, stock ${stock_left}`,
      es: `todos están decididos: ${sold} vendidas, ${refused} rechazados, stock ${stock_left}`,
    })
    return { oversold: Math.max(0, sold - stock), sold, refused, stock_left }
  },

  judge({ 'read-then-write': naive = {}, locked = {} }, settings) {
    const stock = integer(settings, 'stock')
    const due = Math.min(stock, integer(settings, 'buyers'))
    return {
      holds: Number(naive.oversold) > 0 && locked.oversold === 0 && locked.sold === due,
      text: {
        en: `Of ${stock} units, read-then-write sold ${naive.sold}; locking the row first sold ${locked.sold}.`,
        es: `De ${stock} unidades, leer y luego escribir vendió ${naive.sold}; bloquear antes la fila vendió ${locked.sold}.`,
      },
      shown: ['oversold'],
    }
  },
}

async function openShop(variant: string, { sandbox, settings }: Bench) {
  const database = await sandbox.createDatabase()
  const concurrency = String(settings.concurrency)
  const launch = {
    databaseUrl: database.url,
    modules: variant === 'read-then-write' ? ['naive/read-then-write.ts'] : [],
    env: { WORKER_CONCURRENCY: concurrency, DATABASE_POOL: String(Math.max(2, integer(settings, 'concurrency'))) },
  }
  const [api] = await Promise.all([sandbox.startShop('api', launch), sandbox.startShop('worker', launch)])
  return { database, url: api.url }
}
