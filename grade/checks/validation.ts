import type { Check, Level } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record, refused, succeeded } from '../exchange.ts'
import { blocked, createCustomer, createProduct, unique } from '../shop.ts'
import type { Text } from '../text.ts'
import { demand } from '../verdict.ts'

const pen = (fields: object) => ({ name: unique('Pen'), price: 1.5, stock: 1, ...fields })
const ana = (fields: object) => ({ name: 'Ana', email: `${unique('ana').replace(' ', '.')}@example.com`, ...fields })

/** A wrong request: where it goes, and its body (text is sent as it stands). */
type Wrong = [path: string, body: unknown, headers?: Record<string, string>]

/** A check that each of some wrong requests is refused, and that a right one still works afterwards. */
function refuses(facts: {
  id: string
  level: Level
  points: number
  does: Text
  hint: Text
  wrong: (client: Client) => Wrong[] | Promise<Wrong[]>
  /** The target may also hang up on it. */
  orHangsUp?: boolean
}): Check {
  const { wrong, orHangsUp, ...check } = facts
  return {
    ...check,
    expects: {
      en: 'a 4xx each time, never a 5xx; and the next right request works',
      es: 'un 4xx cada vez, nunca un 5xx; y la siguiente petición correcta funciona',
    },
    async run(client) {
      for (const [path, body, headers] of await wrong(client)) {
        const answer = await client.post(path, body, headers)
        demand(refused(answer) || (orHangsUp === true && answer.status === 0), [answer])
      }
      const next = await client.post('/products/', pen({}))
      demand(succeeded(next), [next])
    },
  }
}

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
  {
    id: 'validation.email-case',
    level: 'production',
    points: 1,
    does: {
      en: 'Registers an e-mail address again in capitals',
      es: 'Registra otra vez una dirección de correo en mayúsculas',
    },
    expects: { en: '409 (or another 4xx)', es: '409 (u otro 4xx)' },
    hint: { en: 'A unique index on lower(email).', es: 'Un índice único sobre lower(email).' },
    async run(client) {
      const body = ana({})
      const first = await client.post('/customers/', body)
      if (!succeeded(first)) throw blocked(first)
      const again = await client.post('/customers/', { ...body, email: body.email.toUpperCase() })
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
  refuses({
    id: 'validation.strict',
    level: 'production',
    points: 2,
    does: { en: 'Sends "5" for 5, and half a unit', es: 'Envía "5" en lugar de 5, y media unidad' },
    hint: {
      en: 'Coercion hides a client’s mistake until it costs money.',
      es: 'La conversión esconde el error de un cliente hasta que cuesta dinero.',
    },
    wrong: () => [
      ['/products/', pen({ price: '5' })],
      ['/products/', pen({ stock: '5' })],
      ['/products/', pen({ stock: 1.5 })],
      ['/products/', pen({ stock: true })],
    ],
  }),
  refuses({
    id: 'validation.unknown',
    level: 'production',
    points: 1,
    does: { en: 'Sends fields that do not exist', es: 'Envía campos que no existen' },
    hint: {
      en: 'A mistyped optional field that is dropped in silence is a bug at the client.',
      es: 'Un campo opcional mal escrito que se descarta en silencio es un error en el cliente.',
    },
    wrong: () => [
      ['/products/', pen({ colour: 'red' })],
      ['/customers/', ana({ admin: true })],
    ],
  }),
  refuses({
    id: 'validation.cents',
    level: 'production',
    points: 2,
    does: { en: 'Sends prices with fractions of a cent', es: 'Envía precios con fracciones de centavo' },
    hint: {
      en: 'numeric(12,2) rounds them without a word; refuse them at the edge. (multipleOf: 0.01 refuses 19.99 too.)',
      es: 'numeric(12,2) los redondea sin decir nada; rechácelos en el borde. (multipleOf: 0.01 también rechaza 19.99.)',
    },
    wrong: async (client) => {
      await createProduct(client, { price: 19.99 })
      return [19.999, 0.001].map((price) => ['/products/', pen({ price })])
    },
  }),
  refuses({
    id: 'validation.numbers',
    level: 'production',
    points: 2,
    does: { en: 'Sends numbers that no column holds', es: 'Envía números que no caben en ninguna columna' },
    hint: {
      en: 'A maximum in the schema: what overflows in the database is a 500.',
      es: 'Un máximo en el esquema: lo que desborda en la base de datos es un 500.',
    },
    wrong: () => [
      ['/products/', '{"name":"Pen","price":1e400,"stock":1}'],
      ['/products/', '{"name":"Pen","price":NaN,"stock":1}'],
      ['/products/', pen({ price: 1e15 })],
      ['/products/', pen({ stock: 1e12 })],
      ['/orders/', '{"customer_id":9223372036854775808,"total":1}'],
    ],
  }),
  refuses({
    id: 'validation.characters',
    level: 'production',
    points: 2,
    does: { en: 'Sends a NUL, and half a surrogate pair', es: 'Envía un NUL, y medio par sustituto' },
    hint: {
      en: 'PostgreSQL stores neither: refuse control characters, and text that is not well-formed.',
      es: 'PostgreSQL no guarda ninguno: rechace los caracteres de control, y el texto mal formado.',
    },
    wrong: () => ['Pen\\u0000', 'Pen\\ud800'].map((name) => ['/products/', `{"name":"${name}","price":1,"stock":1}`]),
  }),
  refuses({
    id: 'validation.size',
    level: 'production',
    points: 1,
    does: {
      en: 'Sends two megabytes, and JSON that is 50,000 deep',
      es: 'Envía dos megabytes, y JSON de 50 000 niveles',
    },
    hint: { en: 'Limit the size of bodies: 413.', es: 'Limite el tamaño de los cuerpos: 413.' },
    orHangsUp: true,
    wrong: () => [
      // Blanks, so that a target which takes it keeps a small product.
      ['/products/', JSON.stringify(pen({})).replace(',', `,${' '.repeat(2_000_000)}`)],
      ['/products/', '['.repeat(50_000) + ']'.repeat(50_000)],
    ],
  }),
  refuses({
    id: 'validation.media-type',
    level: 'production',
    points: 1,
    does: { en: 'Sends JSON as text/plain and as a form', es: 'Envía JSON como text/plain y como formulario' },
    hint: { en: '415 Unsupported Media Type.', es: '415 Unsupported Media Type.' },
    wrong: () =>
      ['text/plain', 'application/x-www-form-urlencoded'].map((type) => [
        '/products/',
        pen({}),
        { 'content-type': type },
      ]),
  }),
]
