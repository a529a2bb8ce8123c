import { ask } from '../../support/http.ts'
import { percentile } from '../../support/statistics.ts'
import { type Bench, integer, type Runnable } from '../experiment.ts'
import { every, pause } from '../sandbox/timing.ts'
import { rateLimit as about } from './rate-limit.text.ts'

const WINDOWS = 3
/** How long before the edge the first burst starts: enough to end before it, also on a busy machine. */
const BEFORE_EDGE_MS = 500
const AFTER_EDGE_MS = 50

export const rateLimit: Runnable = {
  about,

  async run(variant, bench) {
    const { sandbox, settings } = bench
    const quota = integer(settings, 'quota')
    const windowMs = integer(settings, 'window_s') * 1000
    const database = await sandbox.createDatabase()
    await database.rows(
      `insert into products (name, price, stock) select 'Lamp ' || n, n, 10 from generate_series(1, 50) n`,
    )
    const { url } = await sandbox.startShop('api', {
      databaseUrl: database.url,
      modules: variant === 'fixed' ? ['naive/fixed-window.ts'] : [],
      // This process acts as the proxy of several clients, and names the client of each request.
      env: { RATE_LIMIT: variant === 'off' ? 'off' : `${quota}/${windowMs / 1000} seconds`, TRUST_PROXY: '1' },
    })
    const greedy = client(url, '192.0.2.1')
    const polite = client(url, '192.0.2.2')
    const others = Array.from({ length: 30 }, (_, n) => client(url, `198.51.100.${n}`))
    await Promise.all(others.map((other) => other.get())) // opens connections and compiles the code

    bench.begin()
    await burstAtEdge(greedy, quota, windowMs, bench)
    const before = greedy.admitted.length + greedy.refused
    const servedBefore = greedy.admitted.length
    const began = performance.now()
    await shareTheShop(greedy, polite, bench)
    const seconds = (performance.now() - began) / 1000
    const served = greedy.admitted.length - servedBefore
    const asked = greedy.admitted.length + greedy.refused - before
    return {
      in_window: mostWithin(windowMs, greedy.admitted),
      greedy_served: served / seconds,
      greedy_refused: (100 * (asked - served)) / asked,
      polite_served: (100 * polite.admitted.length) / (polite.admitted.length + polite.refused),
      polite_p95_ms: percentile(
        polite.admitted.map(({ sent, received }) => received - sent),
        0.95,
      ),
    }
  },

  judge({ off = {}, fixed = {}, sliding = {} }, settings) {
    const quota = integer(settings, 'quota')
    const bounded = Number(sliding.in_window) <= quota && sliding.polite_served === 100
    return {
      holds: bounded && Number(fixed.in_window) > quota && Number(off.in_window) > Number(fixed.in_window),
      text: {
        en: `The quota was ${quota}. Within one window the greedy client got ${fixed.in_window} requests admitted with the fixed window, ${sliding.in_window} with the sliding window and ${off.in_window} without a limit. With the sliding window ${sliding.polite_served} % of the polite client’s requests were served.`,
        es: `La cuota era ${quota}. En una ventana se le admitieron al cliente codicioso ${fixed.in_window} peticiones con la ventana fija, ${sliding.in_window} con la deslizante y ${off.in_window} sin límite. Con la deslizante se atendió el ${sliding.polite_served} % de las peticiones del educado.`,
      },
      shown: ['in_window', 'polite_served', 'polite_p95_ms'],
    }
  },
}

interface Admitted {
  sent: number
  received: number
}

/** A client with its own address, which records the admitted requests and their times. */
function client(url: string, address: string) {
  const found = { admitted: [] as Admitted[], refused: 0 }
  return Object.assign(found, {
    async get(): Promise<void> {
      const sent = performance.now()
      const { status } = await ask(`${url}/products/?limit=50`, { headers: { 'x-forwarded-for': address } })
      if (status === 200) found.admitted.push({ sent, received: performance.now() })
      else found.refused += 1
    },
  })
}
type Client = ReturnType<typeof client>

/** A burst before the edge of a fixed window, and one after it. */
async function burstAtEdge(greedy: Client, quota: number, windowMs: number, { signal, event, point }: Bench) {
  const untilEdge = () => windowMs - (Date.now() % windowMs)
  if (untilEdge() < BEFORE_EDGE_MS * 1.2) await pause(untilEdge() + 10, signal)
  const burst = async () => {
    const before = greedy.admitted.length
    await Promise.all(Array.from({ length: Math.ceil(quota * 1.5) }, () => greedy.get()))
    const admitted = greedy.admitted.length - before
    point('greedy', greedy.admitted.length)
    event('greedy', {
      en: `${admitted} requests of a burst are admitted`,
      es: `se admiten ${admitted} peticiones de una ráfaga`,
    })
  }
  await pause(untilEdge() - BEFORE_EDGE_MS, signal)
  const edge = performance.now() + untilEdge()
  await burst()
  await pause(edge - performance.now(), signal)
  event('clock', { en: 'a new fixed window begins', es: 'empieza una nueva ventana fija' })
  await pause(AFTER_EDGE_MS, signal)
  await burst()
}

/** For some windows the greedy client sends at its rate without waiting, and the polite one sends half of its quota. */
async function shareTheShop(greedy: Client, polite: Client, { settings, signal, event, point }: Bench) {
  const windowMs = integer(settings, 'window_s') * 1000
  const over = AbortSignal.any([signal, AbortSignal.timeout(WINDOWS * windowMs)])
  event('greedy', { en: 'sends without waiting for answers', es: 'envía sin esperar respuestas' })
  const sent: Promise<void>[] = []
  const flood = every(1000 / integer(settings, 'rate'), over, async () => void sent.push(greedy.get()))
  const askPolitely = every(windowMs / (integer(settings, 'quota') / 2), over, async () => {
    await polite.get()
    const last = polite.admitted.at(-1)
    if (last) point('polite_ms', last.received - last.sent)
    point('polite', polite.admitted.length)
  })
  const watch = every(200, over, async () => point('greedy', greedy.admitted.length))
  await Promise.all([flood, askPolitely, watch])
  await Promise.all(sent)
}

/**
 * The most requests that were certainly admitted within one window. A request is decided between its sending and its
 * answer, so the requests sent after the window's start and answered before its end count.
 */
function mostWithin(windowMs: number, admitted: readonly Admitted[]): number {
  const within = ({ sent: start }: Admitted) =>
    admitted.filter(({ sent, received }) => sent >= start && received < start + windowMs).length
  return admitted.reduce((most, first) => Math.max(most, within(first)), 0)
}
