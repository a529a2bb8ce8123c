import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from '../check.ts'
import { type Exchange, record, succeeded } from '../exchange.ts'
import { blocked, createProduct, has } from '../shop.ts'
import { Breach, demand } from '../verdict.ts'
import { fromCache, lacks, readList } from './catalogue.ts'

export const cacheChecks: Check[] = [
  {
    id: 'cache.hit',
    level: 'seed',
    points: 4,
    does: { en: 'Reads the catalogue several times in a row', es: 'Lee el catálogo varias veces seguidas' },
    expects: { en: 'from_cache: true from the second read on', es: 'from_cache: true desde la segunda lectura' },
    hint: {
      en: 'After a miss, store what the database answered under products:all.',
      es: 'Después de un fallo de caché, guarde lo que respondió la base de datos en products:all.',
    },
    async run(client) {
      const { made } = await createProduct(client)
      const reads = [await readList(client)]
      await client.until(15, async () => {
        reads.push(await readList(client))
        return reads.slice(1).some(fromCache) || undefined
      })
      demand(reads.slice(1).some(fromCache), [made, ...reads.slice(0, 3)])
    },
  },
  {
    id: 'cache.miss',
    level: 'seed',
    points: 2,
    does: {
      en: 'Creates a product and reads the catalogue, three times',
      es: 'Crea un producto y lee el catálogo, tres veces',
    },
    expects: {
      en: 'from_cache: false for a read right after a write',
      es: 'from_cache: false en una lectura justo después de una escritura',
    },
    hint: {
      en: 'POST /products/ deletes products:all, so the next read can only come from the database.',
      es: 'POST /products/ borra products:all, así que la lectura siguiente solo puede venir de la base de datos.',
    },
    async run(client) {
      const history: Exchange[] = []
      for (let round = 0; round < 3; round += 1) {
        const { made } = await createProduct(client)
        const read = await readList(client)
        if (record(read).from_cache === false) return
        history.push(made, read)
      }
      throw new Breach('from_cache: true, true, true', history)
    },
  },
  {
    id: 'cache.own-write',
    level: 'seed',
    points: 4,
    does: {
      en: 'Fills the cache, creates a product and reads the catalogue, five times',
      es: 'Llena la caché, crea un producto y lee el catálogo, cinco veces',
    },
    expects: {
      en: 'the product is in the list that was asked for after its 201',
      es: 'el producto está en la lista que se pidió después de su 201',
    },
    hint: {
      en: 'Delete the key after the commit and before you answer.',
      es: 'Borre la clave después del commit y antes de responder.',
    },
    async run(client) {
      for (let round = 0; round < 5; round += 1) {
        const before = await readList(client)
        const product = await createProduct(client)
        const list = await readList(client)
        demand(has(list, product), [before, product.made, list], lacks(product.name, list))
      }
    },
  },
  {
    id: 'cache.time',
    level: 'seed',
    points: 1,
    does: {
      en: 'Compares processing_time_ms with the time an answer took',
      es: 'Compara processing_time_ms con lo que tardó la respuesta',
    },
    expects: {
      en: 'a number of milliseconds from 0 to what the client waited',
      es: 'un número de milisegundos, de 0 a lo que esperó el cliente',
    },
    hint: {
      en: 'Milliseconds: not seconds, and not microseconds.',
      es: 'Milisegundos: no segundos, ni microsegundos.',
    },
    async run(client) {
      await createProduct(client)
      for (let count = 0; count < 3; count += 1) {
        const read = await readList(client)
        const waited = read.answeredAt - read.sentAt
        const told = record(read).processing_time_ms
        const right = typeof told === 'number' && told >= 0 && told <= waited + 1
        demand(right, [read], {
          en: `${told} ms told, ${waited.toFixed(1)} ms waited`,
          es: `dice ${told} ms, se esperó ${waited.toFixed(1)} ms`,
        })
      }
    },
  },
  {
    id: 'cache.shown',
    level: 'seed',
    points: 2,
    does: { en: 'Reads the catalogue, then GET /cache', es: 'Lee el catálogo, y después GET /cache' },
    expects: {
      en: 'the cached list, with a product just created',
      es: 'la lista en caché, con un producto recién creado',
    },
    hint: {
      en: 'GET /cache shows what is stored under products:all.',
      es: 'GET /cache muestra lo que hay guardado en products:all.',
    },
    async run(client) {
      const product = await createProduct(client)
      let seen: Exchange[] = []
      const shown = await client.until(15, async () => {
        seen = [await readList(client), await client.get('/cache')]
        return (seen[1]?.status === 200 && seen[1].text.includes(product.name)) || undefined
      })
      demand(shown === true, [product.made, ...seen], lacks(product.name, seen[1]))
    },
  },
  {
    id: 'cache.changes',
    level: 'solid',
    points: 3,
    does: {
      en: 'Fills the cache, changes a product, and removes it',
      es: 'Llena la caché, cambia un producto, y lo quita',
    },
    expects: {
      en: 'the next list shows the change, and the one after lacks the product: every write invalidates',
      es: 'la lista siguiente muestra el cambio, y la otra no tiene el producto: toda escritura invalida',
    },
    hint: {
      en: 'PATCH and DELETE change the list as much as POST does.',
      es: 'PATCH y DELETE cambian la lista tanto como POST.',
    },
    async run(client) {
      const product = await createProduct(client)
      const before = await readList(client)
      const path = `/products/${product.id}`
      const renamed = { ...product, name: `${product.name} II` }
      const changed = await client.send('PATCH', path, { body: { name: renamed.name } })
      if (!succeeded(changed)) throw blocked(changed)
      const list = await readList(client)
      demand(has(list, renamed), [before, changed, list], lacks(renamed.name, list))
      const removed = await client.send('DELETE', path)
      if (!succeeded(removed)) throw blocked(removed)
      const after = await readList(client)
      demand(!has(after, renamed), [list, removed, after], {
        en: `"${renamed.name}" is still there`,
        es: `"${renamed.name}" sigue ahí`,
      })
    },
  },
  {
    id: 'cache.ttl',
    level: 'seed',
    points: 3,
    needs: ['slow'],
    does: {
      en: 'Fills the cache and reads it after 45 and after 62 seconds',
      es: 'Llena la caché y la lee después de 45 y de 62 segundos',
    },
    expects: {
      en: 'from the cache at 45 s; no longer at 62 s, for it lives 60 s',
      es: 'desde la caché a los 45 s; ya no a los 62 s, pues vive 60 s',
    },
    hint: {
      en: 'Give the entry its TTL when you store it, and do not renew it when it is read.',
      es: 'Dé a la entrada su TTL al guardarla, y no lo renueve al leerla.',
    },
    async run(client) {
      await createProduct(client)
      let filled = await readList(client)
      for (let count = 0; count < 5 && !fromCache(filled); count += 1) filled = await readList(client)
      demand(fromCache(filled), [filled])
      await sleep(45_000)
      const late = await readList(client)
      demand(fromCache(late), [filled, late])
      await sleep(filled.answeredAt + 62_000 - performance.now())
      const after = await readList(client)
      demand(!fromCache(after), [filled, late, after])
    },
  },
]
