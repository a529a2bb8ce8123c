import { ask } from '../../support/http.ts'
import { queueDepth } from '../../support/queue-depth.ts'
import { type Bench, integer, type Runnable } from '../experiment.ts'
import { letFirstOrderThrough } from '../sandbox/first-order.ts'
import type { ShopDatabase, ShopProcess } from '../sandbox/sandbox.ts'
import { slowly } from '../sandbox/slow-order.ts'
import { eventually, every, pause } from '../sandbox/timing.ts'
import { exactlyOnce as about } from './exactly-once.text.ts'

/** The jobs of a killed worker are taken over after seven seconds; the rest is for a busy machine. */
const PATIENCE_MS = 60_000
/** Delays before and after an order is stored, so that a kill finds orders on both sides. */
const SLOWNESS = { before: 600, after: 300 }
/** Enough for the orders in progress while one worker is down. */
const AT_ONCE = '20'

const modules: Record<string, readonly string[]> = {
  'at-least-once': ['naive/no-idempotency.ts', slowly(SLOWNESS)],
  'at-most-once': [slowly(SLOWNESS), 'naive/acknowledge-first.ts'],
  idempotent: [slowly(SLOWNESS)],
}

export const exactlyOnce: Runnable = {
  about,

  async run(variant, bench) {
    const { settings, signal } = bench
    const { database, url, through, workers } = await openShop(variant, bench)
    const customer_id = await letFirstOrderThrough(url, signal)
    const orders = integer(settings, 'orders')
    const accepted = new Set<number>()
    const look = async () => {
      bench.point('accepted', accepted.size)
      bench.point(
        'stored',
        (await stored(database)).reduce((sum, { times }) => sum + times, 0),
      )
    }

    bench.begin()
    const watching = new AbortController()
    const watch = bench.beside(every(250, AbortSignal.any([signal, watching.signal]), look))
    const killing = bench.beside(killWorkers(workers, bench))
    let retries = 0
    // Each order has a unique total, by which the auditor finds it, however often it was stored.
    const place = async (total: number) => {
      const options = { body: { customer_id, total }, headers: { 'idempotency-key': `order-${total}` } }
      for (let attempt = 0; !signal.aborted; attempt++) {
        const { status } = await ask(`${through}/orders/`, options)
        if (status === 202) return void accepted.add(total)
        retries += 1
        if (attempt === 0)
          bench.event('client', {
            en: `order ${total}: no answer, retried`,
            es: `pedido ${total}: sin respuesta, se reintenta`,
          })
        await pause(50, signal)
      }
    }
    const placed: Promise<void>[] = []
    for (let total = 1; total <= orders && !signal.aborted; total++) {
      placed.push(place(total))
      await pause(1000 / integer(settings, 'rate'), signal)
    }
    await Promise.all(placed)
    const kills = await killing
    const depth = () => queueDepth(url).catch(() => undefined) // a busy shop may not say
    await eventually('the queue is empty', PATIENCE_MS, signal, async () => (await depth()) === 0)
    await pause(2 * (SLOWNESS.before + SLOWNESS.after), signal) // acknowledge-first reports "done" before the work
    watching.abort()
    await watch
    await look()

    const found = new Map((await stored(database)).map(({ total, times }) => [total, times]))
    const doubled = [...found.values()].reduce((sum, times) => sum + times - 1, 0)
    const lost = [...accepted].filter((total) => !found.has(total)).length
    bench.event('auditor', {
      en: `of ${accepted.size} accepted orders ${lost} are lost; ${doubled} orders are duplicates`,
      es: `de ${accepted.size} pedidos aceptados se perdieron ${lost}; ${doubled} pedidos son duplicados`,
    })
    return { doubled, lost, retries, kills }
  },

  judge({ 'at-least-once': least = {}, 'at-most-once': most = {}, idempotent = {} }) {
    const once = idempotent.doubled === 0 && idempotent.lost === 0
    const tried = Number(idempotent.retries) > 0 && Number(idempotent.kills) > 0
    return {
      holds: once && tried && Number(least.doubled) > 0 && Number(most.lost) > 0,
      text: {
        en: `At-least-once delivery duplicated ${least.doubled} orders, and at-most-once delivery lost ${most.lost}. The idempotent receiver duplicated ${idempotent.doubled} and lost ${idempotent.lost}, despite ${idempotent.retries} retries and ${idempotent.kills} killed workers.`,
        es: `La entrega al menos una vez duplicó ${least.doubled} pedidos, y la entrega como máximo una vez perdió ${most.lost}. El receptor idempotente duplicó ${idempotent.doubled} y perdió ${idempotent.lost}, pese a ${idempotent.retries} reintentos y ${idempotent.kills} workers terminados con SIGKILL.`,
      },
      shown: ['doubled', 'lost'],
    }
  },
}

const stored = (database: ShopDatabase) =>
  database.rows<{ total: number; times: number }>(
    'select total::float8 as total, count(*)::int as times from orders where total >= 1 group by total',
  )

async function openShop(variant: string, { sandbox, settings }: Bench) {
  const database = await sandbox.createDatabase()
  const launch = {
    databaseUrl: database.url,
    modules: modules[variant] ?? [],
    env: { WORKER_CONCURRENCY: AT_ONCE, DATABASE_POOL: AT_ONCE },
  }
  const [api, ...workers] = await Promise.all([
    sandbox.startShop('api', launch),
    sandbox.startShop('worker', launch),
    sandbox.startShop('worker', launch),
  ])
  const proxy = await sandbox.openProxy(api.url)
  let answers = 0
  proxy.onAnswer = (_, connection) => {
    answers += 1
    if (answers % integer(settings, 'lose_every') === 0) connection.cut()
  }
  return { database, url: api.url, through: `http://127.0.0.1:${proxy.port}`, workers }
}

/** Kills the workers in turn while orders arrive, and restarts each at once. */
async function killWorkers(workers: ShopProcess[], { settings, signal, event }: Bench): Promise<number> {
  const kills = integer(settings, 'kills')
  const between = (1000 * integer(settings, 'orders')) / integer(settings, 'rate') / (kills + 1)
  let done = 0
  for (; done < kills && !signal.aborted; done++) {
    await pause(between, signal)
    const victim = workers[done % workers.length]
    await victim?.kill()
    event('worker', {
      en: `worker ${(done % workers.length) + 1} is killed (SIGKILL)`,
      es: `el worker ${(done % workers.length) + 1} recibe SIGKILL`,
    })
    await victim?.start()
  }
  return done
}
