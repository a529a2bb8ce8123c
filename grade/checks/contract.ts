import type { Check } from '../check.ts'
import { type Exchange, record, rows, succeeded } from '../exchange.ts'
import { blocked, createCustomer, createProduct, has, unique } from '../shop.ts'
import { demand } from '../verdict.ts'

export const contractChecks: Check[] = [
  {
    id: 'contract.product',
    level: 'seed',
    points: 3,
    does: { en: 'Creates a product with POST /products/', es: 'Crea un producto con POST /products/' },
    expects: {
      en: 'a 2xx and the product as JSON: an id, and name, price and stock as they were sent',
      es: 'un 2xx y el producto en JSON: un id, y name, price y stock como se enviaron',
    },
    hint: {
      en: 'Return the row that the database stored, id included.',
      es: 'Devuelva la fila que guardó la base de datos, con su id.',
    },
    async run(client) {
      const sent = { name: unique('Laptop'), price: 1200.5, stock: 5 }
      const made = await client.post('/products/', sent)
      const { id, name, price, stock } = record(made)
      const same = name === sent.name && Number(price) === sent.price && stock === sent.stock
      demand(succeeded(made) && id !== undefined && same, [made])
    },
  },
  {
    id: 'contract.catalogue',
    level: 'seed',
    points: 3,
    does: { en: 'Creates a product and reads GET /products/', es: 'Crea un producto y lee GET /products/' },
    expects: {
      en: 'an object with from_cache (true or false), processing_time_ms (a number) and the products, each with id, name, price and stock',
      es: 'un objeto con from_cache (true o false), processing_time_ms (un número) y los productos, cada uno con id, name, price y stock',
    },
    hint: {
      en: 'The list is an object that holds an array, not an array.',
      es: 'La lista es un objeto que contiene un arreglo, no un arreglo.',
    },
    async run(client) {
      const product = await createProduct(client, { price: 7.25, stock: 3 })
      const list = await client.get('/products/')
      const { from_cache, processing_time_ms } = record(list)
      const row = rows(list)?.find(({ name }) => name === product.name)
      const right = row?.id === product.id && Number(row?.price) === 7.25 && row?.stock === 3
      const told = typeof from_cache === 'boolean' && typeof processing_time_ms === 'number'
      demand(list.status === 200 && told && right, [product.made, list])
    },
  },
  {
    id: 'contract.customer',
    level: 'seed',
    points: 3,
    does: { en: 'Creates a customer with POST /customers/', es: 'Crea un cliente con POST /customers/' },
    expects: {
      en: 'a 2xx and the customer as JSON: an id, and name and email as they were sent',
      es: 'un 2xx y el cliente en JSON: un id, y name y email como se enviaron',
    },
    hint: {
      en: 'The original takes {"name", "email"}; its commands read .id of the answer.',
      es: 'El original recibe {"name", "email"}; sus comandos leen .id de la respuesta.',
    },
    async run(client) {
      const name = unique('Ana')
      const email = `${name.replace(' ', '.').toLowerCase()}@example.com`
      const made = await client.post('/customers/', { name, email })
      const told = record(made)
      demand(succeeded(made) && told.id !== undefined && told.name === name && told.email === email, [made])
    },
  },
  {
    id: 'contract.customers',
    level: 'solid',
    points: 1,
    does: { en: 'Creates a customer and reads GET /customers/', es: 'Crea un cliente y lee GET /customers/' },
    expects: { en: 'a list with that customer', es: 'una lista con ese cliente' },
    hint: {
      en: 'A list that is cut to a page must hold the newest.',
      es: 'Una lista cortada a una página debe tener los más nuevos.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const list = await client.get('/customers/')
      demand(list.status === 200 && has(list, customer), [customer.made, list])
    },
  },
  {
    id: 'contract.created',
    level: 'solid',
    points: 1,
    does: { en: 'Looks at the status of creations', es: 'Mira el estado de las creaciones' },
    expects: {
      en: '201 Created from POST /products/ and POST /customers/',
      es: '201 Created de POST /products/ y POST /customers/',
    },
    hint: {
      en: 'RFC 9110, 15.3.2: what made a resource answers 201.',
      es: 'RFC 9110, 15.3.2: lo que crea un recurso responde 201.',
    },
    async run(client) {
      for (const create of [createProduct, createCustomer]) {
        const { made } = await create(client)
        demand(made.status === 201, [made])
      }
    },
  },
  {
    id: 'contract.detail',
    level: 'solid',
    points: 2,
    does: { en: 'Reads one product by its id', es: 'Lee un producto por su id' },
    expects: {
      en: 'GET /products/{id} answers that product, and 404 for an id that nobody has',
      es: 'GET /products/{id} responde ese producto, y 404 para un id que nadie tiene',
    },
    hint: {
      en: 'A client that has an id should not need the whole list.',
      es: 'Un cliente que tiene un id no debería necesitar toda la lista.',
    },
    async run(client) {
      const product = await createProduct(client)
      const read = await client.get(`/products/${product.id}`)
      demand(read.status === 200 && record(read).name === product.name, [product.made, read])
      const nobody = await client.get('/products/2147483001')
      demand(nobody.status === 404, [nobody])
    },
  },
  {
    id: 'contract.change',
    level: 'solid',
    points: 2,
    does: { en: 'Changes the price of a product with PATCH', es: 'Cambia el precio de un producto con PATCH' },
    expects: {
      en: 'PATCH /products/{id} changes what was sent and nothing else',
      es: 'PATCH /products/{id} cambia lo que se envió y nada más',
    },
    hint: {
      en: 'Fields that were not sent keep their values.',
      es: 'Los campos que no se enviaron conservan su valor.',
    },
    async run(client) {
      const product = await createProduct(client, { price: 10, stock: 4 })
      const changed = await client.send('PATCH', `/products/${product.id}`, { body: { price: 12.5 } })
      const { name, price, stock } = record(changed)
      const right = name === product.name && Number(price) === 12.5 && stock === 4
      demand(succeeded(changed) && right, [product.made, changed])
    },
  },
  {
    id: 'contract.slash',
    level: 'solid',
    points: 1,
    does: { en: 'Asks for /products, without the slash at its end', es: 'Pide /products, sin la barra final' },
    expects: { en: 'the list, or a redirect to it', es: 'la lista, o una redirección a ella' },
    hint: {
      en: 'Answer both, or redirect with 307 or 308, which keep a POST a POST.',
      es: 'Responda ambas, o redirija con 307 o 308, que conservan un POST.',
    },
    async run(client) {
      const bare = await client.get('/products')
      const redirected = /^30[12378]$/.test(`${bare.status}`) && /\/products\/$/.test(bare.answer.location ?? '')
      demand(redirected || (bare.status === 200 && rows(bare) !== undefined), [bare])
    },
  },
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
