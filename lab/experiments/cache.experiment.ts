import { ask, must } from '../../support/http.ts'
import { percentile } from '../../support/statistics.ts'
import { integer, type Runnable } from '../experiment.ts'
import { readsList } from '../sandbox/statements.ts'
import { every } from '../sandbox/timing.ts'
import { cache as about } from './cache.text.ts'

export const cache: Runnable = {
  about,

  async run(variant, { sandbox, settings, signal, ...bench }) {
    const database = await sandbox.createDatabase()
    await database.rows(
      `insert into products (name, price, stock) select 'Lamp ' || n, n, 10 from generate_series(1, $1) n`,
      [integer(settings, 'products')],
    )
    const logged = await sandbox.logStatements(database.url)
    const { url } = await sandbox.startShop('api', {
      databaseUrl: database.url,
      modules: variant === 'off' ? ['naive/no-cache.ts'] : [],
    })
    for (let n = 0; n < 50; n++) await must(`${url}/products/`) // the code is compiled now
    logged()

    const reads: { ms: number; hit: boolean }[] = []
    let seen = 0
    let queries = 0
    const look = async () => {
      queries += logged().filter((line) => readsList.test(line)).length
      bench.point('queries', queries)
      bench.point('reads', reads.length)
      if (reads.length > seen)
        bench.point(
          'p50_ms',
          percentile(
            reads.slice(seen).map(({ ms }) => ms),
            0.5,
          ),
        )
      seen = reads.length
    }
    const duration = integer(settings, 'duration_s')
    const over = AbortSignal.any([signal, AbortSignal.timeout(duration * 1000)])
    bench.begin()
    const readers = Array.from({ length: integer(settings, 'readers') }, () =>
      every(0, over, async () => {
        const { status, headers, ms } = await ask(`${url}/products/`)
        if (status === 200) reads.push({ ms, hit: /; hit;/.test(headers.get('cache-status') ?? '') })
      }),
    )
    let price = 0
    const writer = every(integer(settings, 'write_every_ms'), over, async () => {
      price += 1
      await ask(`${url}/products/1`, { method: 'PATCH', body: { price } })
      bench.event('writer', {
        en: `price ${price}: the entry is removed`,
        es: `precio ${price}: se elimina la entrada`,
      })
    })
    await Promise.all([...readers, writer, every(500, over, look)])
    await look()
    const times = reads.map(({ ms }) => ms)
    return {
      hit_ratio: (100 * reads.filter(({ hit }) => hit).length) / reads.length,
      p50_ms: percentile(times, 0.5),
      p95_ms: percentile(times, 0.95),
      reads: reads.length / duration,
      queries: queries / duration,
    }
  },

  judge({ off = {}, on = {} }) {
    const less = (figure: string) => Number(on[figure]) < Number(off[figure])
    return {
      holds: less('p50_ms') && less('queries') && Number(on.hit_ratio) > 50 && off.hit_ratio === 0,
      text: {
        en: `With the cache ${on.hit_ratio} % of the reads were hits. The median read took ${on.p50_ms} ms instead of ${off.p50_ms} ms, and the database answered ${on.queries} queries per second instead of ${off.queries}.`,
        es: `Con la caché, el ${on.hit_ratio} % de las lecturas fueron aciertos. La mediana fue de ${on.p50_ms} ms en vez de ${off.p50_ms} ms, y la base de datos respondió ${on.queries} consultas por segundo en vez de ${off.queries}.`,
      },
      shown: ['hit_ratio', 'p50_ms', 'p95_ms', 'queries'],
    }
  },
}
