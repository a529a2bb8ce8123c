import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record, refused, succeeded } from '../exchange.ts'
import { blocked, createCustomer, unique } from '../shop.ts'
import { demand } from '../verdict.ts'
import { ana, pen, refuses } from './refuses.ts'

const stored = async (client: Client, name: string): Promise<Exchange> => {
  const made = await client.post('/products/', pen({ name }))
  demand(succeeded(made) && record(made).name === name, [made])
  return made
}

export const validationChecks: Check[] = [
  refuses({
    id: 'validation.missing',
    level: 'solid',
    points: 2,
    does: { en: 'Leaves required fields out', es: 'Omite campos obligatorios' },
    hint: {
      en: 'name and price, name and email, customer_id: each is needed.',
      es: 'name y price, name y email, customer_id: todos hacen falta.',
    },
    wrong: () => [
      ['/products/', {}],
      ['/products/', pen({ name: undefined })],
      ['/products/', pen({ price: undefined })],
      ['/customers/', ana({ email: undefined })],
      ['/customers/', ana({ name: undefined })],
      ['/orders/', {}],
      ['/orders/', { total: 5 }],
    ],
  }),
  refuses({
    id: 'validation.types',
    level: 'solid',
    points: 2,
    does: {
      en: 'Sends words for numbers, and lists for words',
      es: 'Envía palabras en lugar de números, y listas en lugar de palabras',
    },
    hint: {
      en: 'Check the body against a schema before it is used.',
      es: 'Compruebe el cuerpo contra un esquema antes de usarlo.',
    },
    wrong: async (client) => {
      const { id } = await createCustomer(client)
      return [
        ['/products/', pen({ price: 'dear' })],
        ['/products/', pen({ stock: 'many' })],
        ['/products/', pen({ name: ['a', 'b'] })],
        ['/products/', pen({ price: null })],
        ['/products/', [pen({})]],
        ['/customers/', ana({ email: { at: 'home' } })],
        ['/orders/', { customer_id: 'nobody', total: 5 }],
        ['/orders/', { customer_id: id, total: 'all' }],
      ]
    },
  }),
  refuses({
    id: 'validation.ranges',
    level: 'solid',
    points: 2,
    does: {
      en: 'Sends a negative price, stock and total',
      es: 'Envía un precio, unas existencias y un total negativos',
    },
    hint: {
      en: 'A minimum of 0 in the schema, and a check constraint in the table.',
      es: 'Un mínimo de 0 en el esquema, y un check en la tabla.',
    },
    wrong: async (client) => {
      const { id } = await createCustomer(client)
      return [
        ['/products/', pen({ price: -1 })],
        ['/products/', pen({ stock: -1 })],
        ['/orders/', { customer_id: id, total: -5 }],
      ]
    },
  }),
  refuses({
    id: 'validation.blank',
    level: 'solid',
    points: 1,
    does: { en: 'Sends names without a letter', es: 'Envía nombres sin una sola letra' },
    hint: { en: 'A minimal length, and something else than spaces.', es: 'Un largo mínimo, y algo más que espacios.' },
    wrong: () => [
      ['/products/', pen({ name: '' })],
      ['/products/', pen({ name: '   ' })],
      ['/customers/', ana({ name: '' })],
    ],
  }),
  refuses({
    id: 'validation.email',
    level: 'solid',
    points: 1,
    does: { en: 'Sends e-mail addresses that are none', es: 'Envía direcciones de correo que no lo son' },
    hint: {
      en: 'The rule of the HTML standard is enough; FastAPI has EmailStr.',
      es: 'Basta la regla del estándar HTML; FastAPI tiene EmailStr.',
    },
    wrong: () =>
      ['nobody', 'nobody@', '@example.com', 'no body@example.com'].map((email) => ['/customers/', ana({ email })]),
  }),
  {
    id: 'validation.email-once',
    level: 'solid',
    points: 2,
    does: { en: 'Registers an e-mail address twice', es: 'Registra dos veces una dirección de correo' },
    expects: { en: '409 (or another 4xx) the second time', es: '409 (u otro 4xx) la segunda vez' },
    hint: {
      en: 'A unique index; to look first and insert then is a race.',
      es: 'Un índice único; mirar primero e insertar después es una carrera.',
    },
    async run(client) {
      const first = await client.post('/customers/', ana({}))
      if (!succeeded(first)) throw blocked(first)
      const again = await client.post('/customers/', JSON.parse(first.body ?? ''))
      demand(refused(again), [first, again])
    },
  },
  refuses({
    id: 'validation.json',
    level: 'solid',
    points: 2,
    does: { en: 'Sends what is not JSON', es: 'Envía lo que no es JSON' },
    hint: {
      en: '400: the parser’s error is the client’s, not a 500.',
      es: '400: el error del parser es del cliente, no un 500.',
    },
    wrong: () => ['{"name":', 'name=Pen', '{"name": "Pen", "price": 1,}', '[[[['].map((text) => ['/products/', text]),
  }),
  {
    id: 'validation.text',
    level: 'solid',
    points: 2,
    does: {
      en: 'Stores names with quotes, SQL, accents and an emoji',
      es: 'Guarda nombres con comillas, SQL, acentos y un emoji',
    },
    expects: { en: 'each comes back as it was sent', es: 'cada uno vuelve como se envió' },
    hint: {
      en: 'Parameters in queries, UTF-8 everywhere, nothing escaped twice.',
      es: 'Parámetros en las consultas, UTF-8 en todas partes, nada escapado dos veces.',
    },
    async run(client) {
      for (const name of [`O'Brien "x"`, "'); DROP TABLE products; --", 'Ñandú ágil 🦙', '<b>&amp;</b>'])
        await stored(client, unique(name))
    },
  },
  {
    id: 'validation.ids',
    level: 'solid',
    points: 1,
    does: { en: 'Asks for products by ids that are none', es: 'Pide productos por ids que no lo son' },
    expects: { en: 'a 4xx each time', es: 'un 4xx cada vez' },
    hint: {
      en: 'Words, and numbers that the column cannot hold, must not reach the database.',
      es: 'Las palabras, y los números que no caben en la columna, no deben llegar a la base de datos.',
    },
    async run(client) {
      for (const id of ['lamp', '-1', '1.5', '99999999999999999999', "1'--"]) {
        const answer = await client.get(`/products/${encodeURIComponent(id)}`)
        demand(refused(answer), [answer])
      }
    },
  },
]
