import { type Bench, integer, type Runnable } from '../experiment.ts'
import type { Connection, TcpProxy } from '../sandbox/proxy.ts'
import { ask, every, must } from '../sandbox/shop-client.ts'
import { staleRestore as about } from './stale-restore.text.ts'

const READ_EVERY_MS = 100

export const staleRestore: Runnable = {
  about,

  async run(variant, bench) {
    const { sandbox, settings, signal } = bench
    const database = await sandbox.createDatabase()
    const proxy = await sandbox.openProxy(database.url)
    const { url } = await sandbox.startShop('api', {
      databaseUrl: proxy.through(database.url),
      naive: variant === 'no-fence' ? ['no-fence'] : [],
      env: { CACHE_TTL: String(settings.ttl_s) },
    })
    let price = 100
    const lamp = await must<{ id: number }>(`${url}/products/`, { body: { name: 'Lamp', price, stock: 10 } })
    const change = (to: number) => must(`${url}/products/${lamp.id}`, { method: 'PATCH', body: { price: to } })

    const found = { stale_reads: 0, stale_s: 0, reads: 0 }
    bench.begin()
    bench.point('acknowledged', price)
    for (let round = 0; round < integer(settings, 'rounds') && !signal.aborted; round++) {
      await change(price) // the entry is gone, and a connection to the database is open
      const slow = slowReader(url, proxy, bench)
      await slow.asked
      price += 1
      await change(price)
      const acknowledged = bench.seconds()
      bench.point('acknowledged', price)
      bench.event('writer', {
        en: `the price is ${price} now: committed, invalidated, acknowledged`,
        es: `el precio es ahora ${price}: escrito, invalidado, confirmado`,
      })
      await slow.answered
      const { reads, stale_reads, last } = await watchPrices(url, price, bench)
      found.reads += reads
      found.stale_reads += stale_reads
      if (stale_reads > 0) found.stale_s = Math.max(found.stale_s, last - acknowledged)
    }
    return found
  },

  judge({ 'no-fence': naive = {}, fence = {} }) {
    return {
      holds: Number(naive.stale_reads) > 0 && fence.stale_reads === 0 && Number(fence.reads) > 0,
      text: {
        en: `Without the fence ${naive.stale_reads} of ${naive.reads} readers were shown the old price, up to ${naive.stale_s} s after the new one was acknowledged; with it ${fence.stale_reads} of ${fence.reads}.`,
        es: `Sin la valla, ${naive.stale_reads} de ${naive.reads} lectores vieron el precio viejo, hasta ${naive.stale_s} s después de confirmado el nuevo; con ella, ${fence.stale_reads} de ${fence.reads}.`,
      },
      shown: ['stale_reads', 'stale_s'],
    }
  },
}

/** A reader that misses. The database's answer to it (`asked`: it has been given) is late on its way. */
function slowReader(url: string, proxy: TcpProxy, { settings, event }: Bench) {
  const asked = Promise.withResolvers<void>()
  let slow: Connection | undefined
  proxy.onRequest = (_, connection) => {
    if (slow || connection.hello.includes('shop queue')) return
    slow = connection
    connection.delay(integer(settings, 'slow_ms'))
  }
  proxy.onAnswer = (_, connection) => {
    if (connection === slow) asked.resolve()
  }
  event('reader', { en: 'misses, and reads the old rows', es: 'falla, y lee las filas viejas' })
  const answered = ask<List>(`${url}/products/`).then(({ status, headers }) => {
    // Later readers are not slow: the fault was one late answer.
    slow?.delay(0)
    const said = headers.get('cache-status') ?? String(status)
    event('reader', { en: `has its answer, late: ${said}`, es: `tiene su respuesta, tarde: ${said}` })
  })
  return { asked: asked.promise, answered }
}

interface List {
  products?: { price: number }[]
}

/** What others are shown until the entry must have ended. `last`: when the old price was shown for the last time. */
async function watchPrices(url: string, price: number, { settings, signal, ...bench }: Bench) {
  let reads = 0
  let stale_reads = 0
  let last = 0
  const over = AbortSignal.timeout(integer(settings, 'ttl_s') * 1000 + 300)
  await every(READ_EVERY_MS, AbortSignal.any([signal, over]), async () => {
    const { body, headers } = await ask<List>(`${url}/products/`)
    const shown = body.products?.[0]?.price
    if (shown === undefined) return
    reads += 1
    bench.point('shown', shown)
    if (shown === price) return
    last = bench.seconds()
    if (stale_reads++ > 0) return
    const said = headers.get('cache-status') ?? ''
    bench.event('others', { en: `are shown ${shown}: ${said}`, es: `ven ${shown}: ${said}` })
  })
  return { reads, stale_reads, last }
}
