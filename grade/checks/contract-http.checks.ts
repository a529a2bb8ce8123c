import type { Check } from '../check.ts'
import { type Exchange, record, rows, succeeded } from '../exchange.ts'
import { blocked, createProduct, has } from '../shop.ts'
import { demand } from '../verdict.ts'

/** What HTTP has to offer beyond status and body. */
export const contractHttpChecks: Check[] = [
  {
    id: 'contract.location',
    level: 'production',
    points: 1,
    does: { en: 'Follows the Location of a creation', es: 'Sigue el Location de una creación' },
    expects: {
      en: 'POST /products/ names the new product in Location',
      es: 'POST /products/ nombra el producto nuevo en Location',
    },
    hint: { en: 'RFC 9110, 10.2.2.', es: 'RFC 9110, 10.2.2.' },
    async run(client) {
      const product = await createProduct(client)
      const location = (product.made.answer.location ?? '').replace(/^https?:\/\/[^/]+/, '')
      demand(location.startsWith('/'), [product.made], `Location: ${product.made.answer.location ?? '—'}`)
      const read = await client.get(location)
      demand(record(read).name === product.name, [product.made, read])
    },
  },
  {
    id: 'contract.pages',
    level: 'production',
    points: 2,
    does: {
      en: 'Walks the catalogue in pages, along Link: rel="next"',
      es: 'Recorre el catálogo por páginas, por Link: rel="next"',
    },
    expects: {
      en: '/products/?limit=1 answers one product; along the pages each product comes once, those just created too',
      es: '/products/?limit=1 responde un producto; por las páginas cada producto aparece una vez, también los recién creados',
    },
    hint: {
      en: 'Page by the last id seen (keyset), in a stable order, and name the next page in Link (RFC 8288).',
      es: 'Pagine por el último id visto (keyset), en un orden estable, y nombre la página siguiente en Link (RFC 8288).',
    },
    async run(client) {
      const products = [await createProduct(client), await createProduct(client)]
      const one = await client.get('/products/?limit=1')
      demand(one.status === 200 && rows(one)?.length === 1, [one])
      const all = rows(await client.get('/products/'))?.length ?? 0
      const limit = Math.max(2, Math.ceil(all / 10))
      let path: string | undefined = `/products/?limit=${limit}`
      const pages: Exchange[] = []
      for (let count = 0; path && count < 20; count += 1) {
        const page: Exchange = await client.get(path)
        demand(page.status === 200 && (rows(page)?.length ?? limit + 1) <= limit, [page])
        pages.push(page)
        path = /<(?:https?:\/\/[^/>]+)?([^>]+)>;\s*rel="?next/.exec(String(page.answer.link))?.[1]
      }
      const ids = pages.flatMap((page) => rows(page)?.map(({ id }) => id) ?? [])
      for (const { id, made } of products)
        demand(ids.includes(id), [made, ...pages.slice(-2)], {
          en: `product ${id} is on no page`,
          es: `el producto ${id} no está en ninguna página`,
        })
      const twice = ids.find((id, index) => ids.indexOf(id) !== index)
      demand(twice === undefined, pages.slice(0, 3), {
        en: `product ${twice} is on two pages`,
        es: `el producto ${twice} está en dos páginas`,
      })
    },
  },
  {
    id: 'contract.etag',
    level: 'production',
    points: 2,
    does: { en: 'Reads the catalogue again with If-None-Match', es: 'Lee otra vez el catálogo con If-None-Match' },
    expects: {
      en: 'an ETag; 304 while nothing has changed, and 200 after a write',
      es: 'un ETag; 304 mientras nada haya cambiado, y 200 después de una escritura',
    },
    hint: {
      en: 'Make the tag from the products alone: from_cache and processing_time_ms differ each time.',
      es: 'Haga la etiqueta solo con los productos: from_cache y processing_time_ms difieren cada vez.',
    },
    async run(client) {
      const first = await client.get('/products/')
      const { etag } = first.answer
      demand(etag !== undefined, [first], 'ETag: —')
      const same = { 'if-none-match': etag ?? '' }
      const again = await client.get('/products/', same)
      demand(again.status === 304, [first, again], `GET /products/ → ${again.status}`)
      const product = await createProduct(client)
      const changed = await client.get('/products/', same)
      demand(changed.status === 200 && has(changed, product), [first, product.made, changed])
    },
  },
  {
    id: 'contract.if-match',
    level: 'production',
    points: 2,
    does: {
      en: 'Changes a product twice with the same If-Match',
      es: 'Cambia un producto dos veces con el mismo If-Match',
    },
    expects: {
      en: 'the first is done; the second is 412, for the product is no longer what it was, and changes nothing',
      es: 'el primero se hace; el segundo es 412, pues el producto ya no es lo que era, y no cambia nada',
    },
    hint: {
      en: 'Compare the version inside the UPDATE: update … where id = ? and version = ?',
      es: 'Compare la versión dentro del UPDATE: update … where id = ? and version = ?',
    },
    async run(client) {
      const product = await createProduct(client, { price: 10 })
      const path = `/products/${product.id}`
      const read = await client.get(path)
      if (!succeeded(read)) throw blocked(read)
      demand(read.answer.etag !== undefined, [read], 'ETag: —')
      const change = (price: number) =>
        client.send('PATCH', path, { headers: { 'if-match': read.answer.etag ?? '' }, body: { price } })
      const [first, second] = [await change(11), await change(12)]
      const after = await client.get(path)
      demand(succeeded(first) && second.status === 412 && Number(record(after).price) === 11, [
        read,
        first,
        second,
        after,
      ])
    },
  },
]
