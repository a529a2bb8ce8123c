import type { Check } from '../check.ts'
import { refused, succeeded } from '../exchange.ts'
import { blocked, createProduct } from '../shop.ts'
import { demand } from '../verdict.ts'
import { ana, pen, refuses } from './refuses.ts'

/** What a schema lets through by default. */
export const strictValidationChecks: Check[] = [
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
