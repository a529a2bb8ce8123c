import { integer, type Runnable } from '../experiment.ts'
import { ask, every, must, quantile } from '../sandbox/shop-client.ts'
import { readsList } from '../sandbox/statements.ts'
import { stampede as about } from './stampede.text.ts'

const PRODUCTS = 100
/** More than a round that goes well would ever need; fewer than this are one load, and one that a write made void. */
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
      naive: variant === 'textbook' ? ['no-single-flight'] : [],
    })
    // Connections first, so that what is measured is the question and not how to reach the database.
    await Promise.all(Array.from({ length: readers }, () => ask(`${url}/products/1`)))
    proxy.onRequest = (_, connection) => connection.delay(integer(settings, 'query_ms'))
    logged() // what came before

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
        en: `a price changes, the entry is gone; ${readers} readers come`,
        es: `cambia un precio, la entrada desaparece; llegan ${readers} lectores`,
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
      p50_ms: quantile(waits, 0.5),
      p95_ms: quantile(waits, 0.95),
      unanswered: readers * rounds - answered,
    }
  },

  judge({ textbook = {}, 'single-flight': shared = {} }, settings) {
    const readers = integer(settings, 'readers')
    return {
      holds: Number(shared.queries) <= FEW && Number(textbook.queries) >= Math.max(FEW * 2, readers / 4),
      text: {
        en: `For ${readers} readers the textbook asked the database ${textbook.queries} times, single flight ${shared.queries}.`,
        es: `Para ${readers} lectores, el manual preguntó a la base de datos ${textbook.queries} veces; single flight, ${shared.queries}.`,
      },
      shown: ['queries', 'p50_ms', 'p95_ms'],
    }
  },
}
