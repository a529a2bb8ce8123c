import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record } from '../exchange.ts'
import { demand } from '../verdict.ts'

const unknownRoute = (client: Client) => client.get('/nothing-here')
const wrongPrice = (client: Client) => client.post('/products/', { name: 'Pen', price: 'dear', stock: 1 })
const wrongMethod = (client: Client) => client.send('DELETE', '/products/')
const noJson = (client: Client) => client.post('/products/', '{"name":')

/** What only a developer should see: stacks, source files, statements, drivers. */
const internals =
  /Traceback|\bat .+[.:]\w+:\d+|File ".+", line \d+|\b(SELECT|INSERT INTO|UPDATE) .+\b(FROM|VALUES|SET)\b|SQLSTATE|psycopg|sqlalchemy|node_modules|NullPointerException|goroutine \d+/

export const errorChecks: Check[] = [
  {
    id: 'errors.route',
    level: 'solid',
    points: 1,
    does: { en: 'Asks for a path that does not exist', es: 'Pide una ruta que no existe' },
    expects: { en: '404', es: '404' },
    hint: { en: 'Not a 200 with an error inside.', es: 'No un 200 con un error dentro.' },
    async run(client) {
      const answer = await unknownRoute(client)
      demand(answer.status === 404, [answer])
    },
  },
  {
    id: 'errors.method',
    level: 'solid',
    points: 1,
    does: { en: 'Sends DELETE /products/', es: 'Envía DELETE /products/' },
    expects: { en: '405, and Allow with GET and POST', es: '405, y Allow con GET y POST' },
    hint: { en: 'RFC 9110, 15.5.6.', es: 'RFC 9110, 15.5.6.' },
    async run(client) {
      const answer = await wrongMethod(client)
      const { allow = '' } = answer.answer
      demand(answer.status === 405 && /GET|POST/.test(allow), [answer], `${answer.status}, Allow: ${allow || '—'}`)
    },
  },
  {
    id: 'errors.says-why',
    level: 'solid',
    points: 2,
    does: {
      en: 'Sends a wrong price, broken JSON, and asks for a path that does not exist',
      es: 'Envía un precio equivocado, JSON roto, y pide una ruta que no existe',
    },
    expects: {
      en: 'JSON that says in detail, message or error what is wrong',
      es: 'JSON que dice en detail, message o error qué está mal',
    },
    hint: { en: 'One error handler for all routes.', es: 'Un manejador de errores para todas las rutas.' },
    async run(client) {
      for (const answer of [await wrongPrice(client), await noJson(client), await unknownRoute(client)]) {
        const { detail, message, error } = record(answer)
        demand([detail, message, error].some(Boolean), [answer])
      }
    },
  },
  {
    id: 'errors.names-field',
    level: 'solid',
    points: 1,
    does: { en: 'Sends a wrong price', es: 'Envía un precio equivocado' },
    expects: { en: 'the answer names the field price', es: 'la respuesta nombra el campo price' },
    hint: {
      en: 'Whoever sent twenty fields needs to know which.',
      es: 'Quien envió veinte campos necesita saber cuál.',
    },
    async run(client) {
      const answer = await wrongPrice(client)
      demand(/\bprice\b/.test(answer.text), [answer])
    },
  },
  {
    id: 'errors.discreet',
    level: 'solid',
    points: 2,
    does: { en: 'Provokes errors and reads their answers', es: 'Provoca errores y lee sus respuestas' },
    expects: {
      en: 'no stack, file name, statement or driver in any',
      es: 'ninguna traza, nombre de archivo, sentencia ni driver en ninguna',
    },
    hint: {
      en: 'Log the cause, and answer in general words.',
      es: 'Registre la causa, y responda en términos generales.',
    },
    async run(client) {
      const nul = client.post('/products/', '{"name":"Pen\\u0000","price":1,"stock":1}')
      const huge = client.post('/products/', { name: 'Pen', price: 1, stock: 1e12 })
      const far = client.get('/products/99999999999999999999')
      for (const answer of [await noJson(client), await wrongPrice(client), await nul, await huge, await far])
        demand(!internals.test(answer.text), [answer])
    },
  },
  {
    id: 'errors.problem',
    level: 'production',
    points: 2,
    does: { en: 'Provokes a 404, a 405 and a refused body', es: 'Provoca un 404, un 405 y un cuerpo rechazado' },
    expects: {
      en: 'application/problem+json with title, detail (a text) and status as the answer has it (RFC 9457)',
      es: 'application/problem+json con title, detail (un texto) y status como el de la respuesta (RFC 9457)',
    },
    hint: {
      en: 'One form for all errors lets a client handle them in one place.',
      es: 'Una sola forma para todos los errores permite manejarlos en un solo lugar.',
    },
    async run(client) {
      for (const answer of [await unknownRoute(client), await wrongMethod(client), await wrongPrice(client)])
        demand(isProblem(answer), [answer])
    },
  },
  {
    id: 'errors.request-id',
    level: 'production',
    points: 1,
    does: { en: 'Sends a request with an X-Request-Id', es: 'Envía una petición con un X-Request-Id' },
    expects: {
      en: 'the answer has it; and one of its own when none was sent',
      es: 'la respuesta lo tiene; y uno propio cuando no se envió ninguno',
    },
    hint: {
      en: 'Who reports an error can then name its line in the log.',
      es: 'Quien avisa de un error puede entonces nombrar su línea en el log.',
    },
    async run(client) {
      const sent = await client.get('/nothing-here', { 'x-request-id': 'grade-1' })
      demand(sent.answer['x-request-id'] === 'grade-1', [sent], `X-Request-Id: ${sent.answer['x-request-id'] ?? '—'}`)
      const bare = await unknownRoute(client)
      demand(Boolean(bare.answer['x-request-id']), [bare], 'X-Request-Id: —')
    },
  },
]

function isProblem(answer: Exchange): boolean {
  const { title, detail, status } = record(answer)
  const type = String(answer.answer['content-type'])
  return (
    type.startsWith('application/problem+json') &&
    typeof title === 'string' &&
    typeof detail === 'string' &&
    status === answer.status
  )
}
