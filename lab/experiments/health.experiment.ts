import { naiveLiveness } from '../../naive/liveness.ts'
import { ask, must } from '../../support/http.ts'
import { type Bench, type Figures, integer, type Runnable } from '../experiment.ts'
import { supervise } from '../sandbox/supervisor.ts'
import { every, pause } from '../sandbox/timing.ts'
import { health as about } from './health.text.ts'

const LOOK_MS = 250
const CALM_MS = 1500
/** Upper bound until the shop is ready again, on a busy machine. */
const RECOVERY_MS = 15_000

export const health: Runnable = {
  about,

  async run(variant, bench) {
    const { sandbox, settings, signal, event } = bench
    const database = await sandbox.createDatabase()
    await database.rows(
      `insert into products (name, price, stock) select 'Lamp ' || n, n, 10 from generate_series(1, 20) n`,
    )
    const proxy = await sandbox.openProxy(database.url)
    const shop = await sandbox.startShop('api', { databaseUrl: proxy.through(database.url) })
    await must(`${shop.url}/products/`) // the catalogue is cached

    const found = { restarts: 0, catalogue: 0, recovered_s: 0, degraded_s: 0 }
    const over = new AbortController()
    const ending = AbortSignal.any([signal, over.signal])
    bench.begin()
    const path = variant === 'asks-health' ? naiveLiveness : '/health/live'
    const onRestart = () => {
      found.restarts += 1
      event('orchestrator', {
        en: `${path} failed three times: the process is killed and restarted`,
        es: `${path} falló tres veces: el proceso se mata y se reinicia`,
      })
    }
    const supervision = bench.beside(supervise(shop, path, ending, onRestart))
    const served: boolean[] = []
    let isOut = false
    let isReady = true
    const looks = every(LOOK_MS, ending, async () => {
      const seen = await look(shop.url, bench)
      isReady = seen.ready
      if (isOut) served.push(seen.catalogue)
      if (seen.ready && seen.state === 1) found.degraded_s += LOOK_MS / 1000
    })

    await pause(CALM_MS, signal)
    event('network', { en: 'the queue’s connections are cut', es: 'se cortan las conexiones de la cola' })
    proxy.cut(({ hello }) => hello.includes('shop queue'))
    await pause(integer(settings, 'degraded_s') * 1000, signal)
    event('network', {
      en: 'all connections to the database are cut',
      es: 'se cortan todas las conexiones a la base de datos',
    })
    proxy.cut()
    isOut = true
    await pause(integer(settings, 'outage_s') * 1000, signal)
    isOut = false
    event('network', { en: 'the database is back', es: 'la base de datos volvió' })
    proxy.restore()
    found.recovered_s = await untilReady(() => isReady, bench)
    await pause(CALM_MS, signal)
    over.abort()
    await Promise.all([supervision, looks])
    return { ...found, catalogue: (100 * served.filter(Boolean).length) / served.length } satisfies Figures
  },

  judge({ 'asks-health': naive = {}, 'asks-live': live = {} }) {
    return {
      holds:
        live.restarts === 0 &&
        Number(naive.restarts) > 0 &&
        Number(live.catalogue) > Number(naive.catalogue) &&
        Number(live.degraded_s) > 0,
      text: {
        en: `The probe of /health killed a healthy process ${naive.restarts} times, the probe of /health/live ${live.restarts} times. During the outage the catalogue was served ${naive.catalogue} % of the time with the former and ${live.catalogue} % with the latter.`,
        es: `La sonda de /health mató un proceso sano ${naive.restarts} veces; la de /health/live, ${live.restarts}. Durante la caída, el catálogo se sirvió el ${naive.catalogue} % del tiempo con la primera y el ${live.catalogue} % con la segunda.`,
      },
      shown: ['restarts', 'catalogue', 'recovered_s'],
    }
  },
}

const states: Record<string, number> = { ok: 2, degraded: 1, unavailable: 0 }

/** What the shop's endpoints say now. */
async function look(url: string, { point }: Bench) {
  const [live, ready, summary, list] = await Promise.all([
    ask(`${url}/health/live`),
    ask(`${url}/health/ready`),
    ask<{ status?: string }>(`${url}/health`),
    ask(`${url}/products/`),
  ])
  const state = states[summary.json.status ?? ''] ?? 0
  point('live', live.status === 200 ? 1 : 0)
  point('ready', ready.status === 200 ? 1 : 0)
  point('state', state)
  point('catalogue', list.status === 200 ? 1 : 0)
  return { ready: ready.status === 200, state, catalogue: list.status === 200 }
}

async function untilReady(isReady: () => boolean, { seconds, signal }: Bench): Promise<number> {
  const back = seconds()
  await pause(LOOK_MS * 2, signal) // answers to earlier requests do not count
  while (!isReady() && seconds() - back < RECOVERY_MS / 1000 && !signal.aborted) await pause(50, signal)
  return seconds() - back
}
