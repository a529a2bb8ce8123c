import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record } from '../exchange.ts'
import { Breach, demand } from '../verdict.ts'

/** Where frameworks put the document; FastAPI's is the first. */
const places = ['/openapi.json', '/docs/json', '/v3/api-docs', '/swagger.json', '/swagger/doc.json']

async function findDocument(client: Client): Promise<Exchange> {
  const history: Exchange[] = []
  for (const place of places) {
    const found = await client.get(place)
    if (found.status === 200 && (record(found).openapi || record(found).swagger)) return found
    history.push(found)
  }
  throw new Breach({ en: 'no document at any of these', es: 'ningún documento en ninguna de estas' }, history)
}

/** What the document says of a method of a path, with or without the slash at its end. */
function operation(document: Exchange, path: string, method: string): Record<string, unknown> | undefined {
  const paths = Object(record(document).paths)
  return Object(paths[`${path}/`] ?? paths[path])[method]
}

async function openPage(client: Client): Promise<Exchange> {
  const page = await client.get('/docs')
  const { location } = page.answer
  return page.status >= 300 && location ? client.get(`/docs${location.slice(location.lastIndexOf('/'))}`) : page
}

export const docsChecks: Check[] = [
  {
    id: 'docs.page',
    level: 'seed',
    points: 1,
    does: { en: 'Opens /docs', es: 'Abre /docs' },
    expects: { en: 'a page (200, HTML)', es: 'una página (200, HTML)' },
    hint: {
      en: 'FastAPI brings one; elsewhere, serve Swagger UI.',
      es: 'FastAPI trae una; en otros casos, sirva Swagger UI.',
    },
    async run(client) {
      const page = await openPage(client)
      demand(page.status === 200 && /html/.test(String(page.answer['content-type'])), [page])
    },
  },
  {
    id: 'docs.openapi',
    level: 'solid',
    points: 2,
    does: { en: 'Reads the OpenAPI document', es: 'Lee el documento OpenAPI' },
    expects: {
      en: 'GET and POST of /products/, /customers/ and /orders/ are in it',
      es: 'GET y POST de /products/, /customers/ y /orders/ están en él',
    },
    hint: {
      en: 'At /openapi.json; make it from the routes rather than by hand.',
      es: 'En /openapi.json; hágalo a partir de las rutas, no a mano.',
    },
    async run(client) {
      const document = await findDocument(client)
      for (const path of ['/products', '/customers', '/orders'])
        for (const method of ['get', 'post'])
          demand(operation(document, path, method) !== undefined, [document], {
            en: `no ${method.toUpperCase()} ${path}/`,
            es: `falta ${method.toUpperCase()} ${path}/`,
          })
    },
  },
  {
    id: 'docs.errors',
    level: 'production',
    points: 2,
    does: { en: 'Looks for the errors in the OpenAPI document', es: 'Busca los errores en el documento OpenAPI' },
    expects: {
      en: 'POST of /products/, /customers/ and /orders/ names 422 (or 400) and 429',
      es: 'POST de /products/, /customers/ y /orders/ nombra 422 (o 400) y 429',
    },
    hint: {
      en: 'A client is written from the document: what it does not name comes as a surprise.',
      es: 'Un cliente se escribe desde el documento: lo que no nombra llega por sorpresa.',
    },
    async run(client) {
      const document = await findDocument(client)
      for (const path of ['/products', '/customers', '/orders']) {
        const statuses = Object.keys(Object(operation(document, path, 'post')?.responses))
        const named =
          statuses.some((status) => /^(400|422|4XX)$/.test(status)) &&
          statuses.some((status) => /^(429|4XX)$/.test(status))
        demand(named, [document], `POST ${path}/: ${statuses.join(', ')}`)
      }
    },
  },
  {
    id: 'docs.offline',
    level: 'production',
    points: 1,
    does: {
      en: 'Looks where the page at /docs takes its scripts and styles from',
      es: 'Mira de dónde toma sus scripts y estilos la página de /docs',
    },
    expects: {
      en: 'from this server, so that it works without the internet',
      es: 'de este servidor, para que funcione sin internet',
    },
    hint: {
      en: 'FastAPI’s page asks a CDN; its documentation says how to serve the files.',
      es: 'La página de FastAPI pide a un CDN; su documentación dice cómo servir los archivos.',
    },
    async run(client) {
      const page = await openPage(client)
      demand(page.status === 200, [page])
      const [, foreign] = /<(?:script|link)[^>]+(?:src|href)="((?:https?:)?\/\/[^"]+)"/.exec(page.text) ?? []
      demand(foreign === undefined, [page], String(foreign))
    },
  },
]
