import type { Check } from '../check.ts'
import { record, refused, rows, succeeded } from '../exchange.ts'
import { createCustomer, createProduct, has, unique } from '../shop.ts'
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
      // Where ids are not numbers, this is no id at all.
      demand(nobody.status === 404 || (typeof product.id !== 'number' && refused(nobody)), [nobody])
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
]
