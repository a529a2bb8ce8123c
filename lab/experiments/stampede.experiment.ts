import { ask, must } from '../../support/http.ts'
import { percentile } from '../../support/statistics.ts'
import { integer, type Runnable } from '../experiment.ts'
import { readsList } from '../sandbox/statements.ts'
import { every } from '../sandbox/timing.ts'
import { stampede as about } from './stampede.text.ts'

const PRODUCTS = 100
/** Loads that a round needs at most: one, and one more if a write invalidates it. */
const FEW = 2

export const stampede: Runnable = {
  about,

  async run(variant, { sandbox, settings, signal, ...bench }) {
    const readers = integer(settings, 'readers')
    const rounds = integer(settings, 'rounds')
    const database = await sandbox.createDatabase()
    await database.rows(
      `insert into products (name, price, stock) select 'Lamp ' || n, n, 10 from generate_series(1, ${PRODUCTS}) n`,
    )
    const logged = await sandbox.logStatements(database.url)
    const proxy = await sandbox.openProxy(database.url)
    const { url } = await sandbox.startShop('api', {
      databaseUrl: proxy.through(database.url),
      modules: variant === 'textbook' ? ['naive/no-single-flight.ts'] : [],
    })
    // Connections first, so that the query is measured and not the connecting.
    await Promise.all(Array.from({ length: readers }, () => ask(`${url}/products/1`)))
    proxy.onRequest = (_, connection) => connection.delay(integer(settings, 'query_ms'))
    logged() // drops the earlier lines

    let queries = 0
    let answered = 0
    const count = async () => {
      queries += logged().filter((line) => readsList.test(line)).length
      bench.point('queries', queries)
      bench.point('answered', answered)
    }
    const waits: number[] = []
    const watching = new AbortController()
    bench.begin()
    const watch = bench.beside(every(100, AbortSignal.any([signal, watching.signal]), count))
    for (let round = 1; round <= rounds && !signal.aborted; round++) {
      await must(`${url}/products/1`, { method: 'PATCH', body: { price: round } })
      bench.event('writer', {
        en: `a price changes and removes the entry; ${readers} readers arrive`,
        es: `cambia un precio y se elimina la entrada; llegan ${readers} lectores`,
      })
      await Promise.all(
        Array.from({ length: readers }, async () => {
          const { status, ms } = await ask(`${url}/products/`)
          if (status !== 200) return
          answered += 1
          waits.push(ms)
        }),
      )
      bench.event('readers', { en: 'all are answered', es: 'todos tienen respuesta' })
    }
    watching.abort()
    await watch
    await count()
    return {
      queries: queries / rounds,
      p50_ms: percentile(waits, 0.5),
      p95_ms: percentile(waits, 0.95),
      unanswered: readers * rounds - answered,
    }
  },

  judge({ textbook = {}, 'single-flight': shared = {} }, settings) {
    const readers = integer(settings, 'readers')
    return {
      holds: Number(shared.queries) <= FEW && Number(textbook.queries) >= Math.max(FEW * 2, readers / 4),
      text: {
        en: `For ${readers} readers, textbook cache-aside sent ${textbook.queries} queries per expiry, and single flight ${shared.queries}.`,
        es: `Con ${readers} lectores, el cache-aside de manual envió ${textbook.queries} consultas por caducidad; single flight, ${shared.queries}.`,
      },
      shown: ['queries', 'p50_ms', 'p95_ms'],
    }
  },
}
