import { ask } from '../../support/http.ts'
import { percentile } from '../../support/statistics.ts'
import { type Bench, integer, type Runnable } from '../experiment.ts'
import { letFirstOrderThrough } from '../sandbox/first-order.ts'
import { slowly } from '../sandbox/slow-order.ts'
import { eventually, every } from '../sandbox/timing.ts'
import { loadLeveling as about } from './load-leveling.text.ts'

const PATIENCE_MS = 120_000
/** A statement that waits half of this for a connection is refused. */
const REQUEST_TIMEOUT_MS = 4000

export const loadLeveling: Runnable = {
  about,

  async run(variant, bench) {
    const { settings, signal } = bench
    const { database, url } = await openShop(variant, bench)
    const customer_id = await letFirstOrderThrough(url, signal)
    const answers: { status: number; ms: number; code: string | undefined }[] = []
    const accepted = () => answers.filter(({ status }) => status === 202).length
    const decided = async () => {
      const [row] = await database.rows<{ decided: number }>('select count(*)::int - 1 as decided from order_jobs')
      const now = row?.decided ?? 0
      bench.point('decided', now)
      bench.point('waiting', Math.max(0, accepted() - now))
      bench.point('refused', answers.length - accepted())
      return now
    }

    const orders = integer(settings, 'orders')
    bench.begin()
    const watching = new AbortController()
    const watch = bench.beside(
      every(200, AbortSignal.any([signal, watching.signal]), async () => void (await decided())),
    )
    bench.event('clients', { en: `${orders} orders at once`, es: `${orders} pedidos a la vez` })
    await Promise.all(
      Array.from({ length: orders }, async (_, n) => {
        const { status, ms, json } = await ask<{ code?: string }>(`${url}/orders/`, {
          body: { customer_id, total: n + 1 },
        })
        answers.push({ status, ms, code: json.code })
      }),
    )
    const reasons = [...new Set(answers.flatMap(({ code }) => code ?? []))].join(', ')
    const because = reasons && ` (${reasons})`
    bench.event('api', {
      en: `all are answered: ${accepted()} accepted, ${orders - accepted()} refused${because}`,
      es: `todos tienen respuesta: ${accepted()} aceptados, ${orders - accepted()} rechazados${because}`,
    })
    await eventually(
      'all accepted orders are decided',
      PATIENCE_MS,
      signal,
      async () => (await decided()) >= accepted(),
    )
    const drained_s = bench.seconds()
    bench.event('worker', { en: 'every accepted order is decided', es: 'todos los pedidos aceptados están decididos' })
    watching.abort()
    await watch
    const waits = answers.map(({ ms }) => ms)
    return {
      refused: orders - accepted(),
      p50_ms: percentile(waits, 0.5),
      p95_ms: percentile(waits, 0.95),
      decided: await decided(),
      drained_s,
    }
  },

  judge({ synchronous = {}, 'queued-1': one = {}, 'queued-4': four = {} }) {
    const [waited, queued] = [synchronous, one].map(({ p50_ms }) => Math.round(Number(p50_ms)))
    const allTaken = one.refused === 0 && four.refused === 0
    const sooner = Number(one.p95_ms) < Number(synchronous.p95_ms) && Number(four.drained_s) < Number(one.drained_s)
    return {
      holds: allTaken && sooner && Number(synchronous.refused) > 0,
      text: {
        en: `Without the queue ${synchronous.refused} orders were refused and the median wait was ${waited} ms. Through the queue ${one.refused} were refused and the median wait was ${queued} ms. One worker had decided all orders after ${one.drained_s} s, four workers after ${four.drained_s} s.`,
        es: `Sin la cola se rechazaron ${synchronous.refused} pedidos y la espera mediana fue de ${waited} ms. Con la cola se rechazaron ${one.refused} y la espera mediana fue de ${queued} ms. Un worker decidió todos los pedidos en ${one.drained_s} s; cuatro workers, en ${four.drained_s} s.`,
      },
      shown: ['refused', 'p50_ms', 'p95_ms', 'decided'],
    }
  },
}

async function openShop(variant: string, { sandbox, settings }: Bench) {
  const database = await sandbox.createDatabase()
  const atOnce = String(settings.at_once)
  const synchronous = variant === 'synchronous'
  const launch = {
    databaseUrl: database.url,
    modules: [
      slowly({ before: integer(settings, 'order_ms'), after: 0 }),
      ...(synchronous ? ['naive/synchronous-order.ts'] : []),
    ],
    env: { DATABASE_POOL: atOnce, WORKER_CONCURRENCY: atOnce, REQUEST_TIMEOUT: String(REQUEST_TIMEOUT_MS) },
  }
  const workers = synchronous ? 0 : variant === 'queued-4' ? 4 : 1
  const [api] = await Promise.all([
    sandbox.startShop('api', launch),
    ...Array.from({ length: workers }, () => sandbox.startShop('worker', launch)),
  ])
  return { database, url: api.url }
}
