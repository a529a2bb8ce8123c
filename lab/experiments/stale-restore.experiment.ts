import { ask, must } from '../../support/http.ts'
import type { Connection, TcpProxy } from '../../support/tcp-proxy.ts'
import { type Bench, integer, type Runnable } from '../experiment.ts'
import { every } from '../sandbox/timing.ts'
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
      modules: variant === 'no-fence' ? ['naive/no-fence.ts'] : [],
      env: { CACHE_TTL: String(settings.ttl_s) },
    })
    let price = 100
    const lamp = await must<{ id: number }>(`${url}/products/`, { body: { name: 'Lamp', price, stock: 10 } })
    const change = (to: number) => must(`${url}/products/${lamp.id}`, { method: 'PATCH', body: { price: to } })

    const found = { stale_reads: 0, stale_s: 0, reads: 0 }
    bench.begin()
    bench.point('acknowledged', price)
    for (let round = 0; round < integer(settings, 'rounds') && !signal.aborted; round++) {
      await change(price) // removes the entry and opens a connection to the database
      const slow = slowReader(url, proxy, bench)
      await slow.asked
      price += 1
      await change(price)
      const acknowledged = bench.seconds()
      bench.point('acknowledged', price)
      bench.event('writer', {
        en: `the price is ${price} now: committed, invalidated, acknowledged`,
        es: `el precio ahora es ${price}: escrito, invalidado, confirmado`,
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
        en: `Without the fence ${naive.stale_reads} of ${naive.reads} reads returned the old price, up to ${naive.stale_s} s after the new one was acknowledged. With the fence ${fence.stale_reads} of ${fence.reads} did.`,
        es: `Sin la valla, ${naive.stale_reads} de ${naive.reads} lecturas devolvieron el precio viejo, hasta ${naive.stale_s} s después de confirmarse el nuevo. Con la valla, ${fence.stale_reads} de ${fence.reads}.`,
      },
      shown: ['stale_reads', 'stale_s'],
    }
  },
}

/** A reader that misses, and gets the database's answer late. `asked` resolves once the database has answered. */
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
  event('reader', { en: 'misses and reads the old rows', es: 'falla y lee las filas viejas' })
  const answered = ask<List>(`${url}/products/`).then(({ status, headers }) => {
    // Only one answer is late; later readers are fast.
    slow?.delay(0)
    const said = headers.get('cache-status') ?? String(status)
    event('reader', { en: `gets its late answer: ${said}`, es: `recibe tarde su respuesta: ${said}` })
  })
  return { asked: asked.promise, answered }
}

interface List {
  products?: { price: number }[]
}

/** What other readers see until the entry must have expired. `last`: when the old price was last seen. */
async function watchPrices(url: string, price: number, { settings, signal, ...bench }: Bench) {
  let reads = 0
  let stale_reads = 0
  let last = 0
  const over = AbortSignal.timeout(integer(settings, 'ttl_s') * 1000 + 300)
  await every(READ_EVERY_MS, AbortSignal.any([signal, over]), async () => {
    const { json, headers } = await ask<List>(`${url}/products/`)
    const shown = json.products?.[0]?.price
    if (shown === undefined) return
    reads += 1
    bench.point('shown', shown)
    if (shown === price) return
    last = bench.seconds()
    if (stale_reads++ > 0) return
    const said = headers.get('cache-status') ?? ''
    bench.event('others', { en: `see the old price ${shown}: ${said}`, es: `ven el precio viejo ${shown}: ${said}` })
  })
  return { reads, stale_reads, last }
}
