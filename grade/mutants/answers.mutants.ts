import { creates, type Mutant, onAnswer, onBody, onRoute, relax } from './mutant.ts'

const anything = /./
const products = creates('/products/')

/** Lets a text through that the rules for names would not. */
const nonBlank = { type: 'string', pattern: '[^ ]' }

export const answerMutants: Record<string, Mutant> = {
  'created-200': {
    defect: 'answers a creation 200',
    loses: ['contract.created'],
    hook: onAnswer('/customers/', (_, reply) => void (reply.statusCode === 201 && reply.code(200))),
  },
  'no-location': {
    defect: 'does not say where the new product is',
    loses: ['contract.location'],
    hook: onAnswer('/products/', (_, reply) => void reply.removeHeader('location')),
  },
  'no-etag': {
    defect: 'the list has no ETag',
    loses: ['contract.etag'],
    hook: onAnswer('/products/', (_, reply) => void reply.removeHeader('etag')),
  },
  'lost-update': {
    defect: 'does not look at If-Match',
    loses: ['contract.if-match'],
    hook: (app) => app.addHook('onRequest', async ({ headers }) => void delete headers['if-match']),
  },
  'overlapping-pages': {
    defect: 'each page begins with the last product of the one before',
    loses: ['contract.pages'],
    hook: (app) =>
      app.addHook('preHandler', async ({ query }) => {
        const page = query as { after?: number }
        if (page.after) page.after -= 1
      }),
  },
  'only-with-slash': {
    defect: 'knows /products/ and not /products',
    loses: ['contract.slash'],
    hook: (app) =>
      app.addHook('onRequest', async (request, reply) =>
        request.url === '/products' ? reply.code(404).send('{}') : undefined,
      ),
  },
  'patch-resets': {
    defect: 'PATCH sets the stock to 0 when it was not sent',
    loses: ['contract.change'],
    hook: (app) =>
      app.addHook('preHandler', async ({ method, body }) => {
        if (method === 'PATCH') Object.assign(body as object, { stock: 0, ...(body as object) })
      }),
  },
  'live-asks-database': {
    defect: 'liveness asks the database',
    loses: ['health.live-alone'],
    with: ['database'],
    hook: (app) =>
      app.addHook('onRequest', async (request, reply) => {
        if (request.url !== '/health/live') return
        const { statusCode } = await app.inject('/health/ready')
        if (statusCode !== 200) return reply.code(503).send('{"status":"unavailable"}')
      }),
  },
  'ready-without-database': {
    defect: 'says it is ready without its database, and that it is down in the body',
    loses: ['health.not-ready'],
    with: ['database'],
    hook: onAnswer('/health/ready', (_, reply) => void reply.code(200)),
  },
  'talkative-health': {
    defect: 'health tells anybody where the database is',
    loses: ['health.discreet'],
    hook: onAnswer('/health', (text) => text.replace('{', '{"database":"postgres://shop:secret@db.internal/shop",')),
  },
  'undocumented-429': {
    defect: 'the document does not name the limit',
    loses: ['docs.errors'],
    hook: onAnswer('/openapi.json', (text) => text.replaceAll('"429"', '"499"')),
  },
  'undocumented-orders': {
    defect: 'the document lacks POST /orders/',
    loses: ['docs.openapi', 'docs.errors'],
    hook: onRoute(creates('/orders/'), (route) => (route.schema = { ...route.schema, hide: true })),
  },
  'docs-by-cdn': {
    defect: 'the page of the documentation asks a CDN',
    loses: ['docs.offline'],
    hook: onAnswer(/^\/docs/, (text) => text.replaceAll('"/docs/static/', '"https://cdn.example/')),
  },
  'no-minimum': {
    defect: 'takes negative prices as they come',
    loses: ['validation.ranges'],
    hook: onBody((body) => {
      if (Number(body.price) < 0) body.price = 0
    }),
  },
  'blank-names': {
    defect: 'takes names without a letter',
    loses: ['validation.blank'],
    hook: onBody((body) => {
      if (typeof body.name === 'string' && body.name.trim() === '') body.name = '-'
    }),
  },
  'any-email': {
    defect: 'takes any text for an e-mail address',
    loses: ['validation.email'],
    hook: onRoute(creates('/customers/'), (route) => relax(route, 'email', { type: 'string' })),
  },
  coercing: {
    defect: 'takes "5" for 5',
    loses: ['validation.strict'],
    hook: onBody((body) => {
      for (const name of ['price', 'stock']) if (/^\d+$/.test(String(body[name]))) body[name] = Number(body[name])
    }),
  },
  'drops-fields': {
    defect: 'drops fields that do not exist',
    loses: ['validation.unknown'],
    hook: onBody((body) => {
      for (const name of ['colour', 'admin']) delete body[name]
    }),
  },
  'rounds-cents': {
    defect: 'rounds prices to cents',
    loses: ['validation.cents'],
    hook: onBody((body) => {
      if (typeof body.price === 'number') body.price = Math.round(body.price * 100) / 100
    }),
  },
  'overflowing-stock': {
    defect: 'a stock that the column can not hold is a 500',
    loses: ['validation.numbers'],
    hook: onRoute(products, (route) => relax(route, 'stock', { type: 'integer', minimum: 0 })),
  },
  'nul-is-500': {
    defect: 'a NUL in a name is a 500',
    loses: ['validation.characters'],
    hook: onRoute(products, (route) => relax(route, 'name', nonBlank)),
  },
  'any-size': {
    defect: 'reads bodies of ten megabytes',
    loses: ['validation.size'],
    hook: onRoute(products, (route) => (route.bodyLimit = 10_000_000)),
  },
  'any-media-type': {
    defect: 'reads JSON from a form',
    loses: ['validation.media-type'],
    hook: (app) =>
      app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, text, done) =>
        done(null, JSON.parse(String(text))),
      ),
  },
  'found-nothing': {
    defect: 'an unknown path is a 200 with an error inside',
    loses: ['errors.route', 'errors.problem'],
    hook: onAnswer('/nothing-here', (_, reply) => void reply.code(200)),
  },
  'no-allow': {
    defect: 'a 405 without Allow',
    loses: ['errors.method'],
    hook: onAnswer(anything, (_, reply) => void (reply.statusCode === 405 && reply.removeHeader('allow'))),
  },
  'plain-errors': {
    defect: 'errors are plain JSON',
    loses: ['errors.problem'],
    hook: onAnswer(anything, (_, reply) => void (reply.statusCode >= 400 && reply.type('application/json'))),
  },
  'unsaid-field': {
    defect: 'a refused body is not told which field was wrong',
    loses: ['errors.names-field'],
    hook: onAnswer(anything, (text, reply) =>
      reply.statusCode === 422 ? text.replaceAll('price', 'field') : undefined,
    ),
  },
  'shows-stack': {
    defect: 'errors show a stack',
    loses: ['errors.discreet'],
    hook: onAnswer(anything, (text, reply) =>
      reply.statusCode === 422
        ? text.replace('{', '{"stack":"Error: no\\n    at price (/app/src/validation.ts:12:3)",')
        : undefined,
    ),
  },
  'no-request-id': {
    defect: 'answers have no id',
    loses: ['errors.request-id'],
    hook: onAnswer(anything, (_, reply) => void reply.removeHeader('x-request-id')),
  },
}
