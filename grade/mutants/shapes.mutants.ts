import { type Mutant, onAnswer, onBody } from './mutant.ts'

const rename = (from: string, to: string) => (text: string) => text.replaceAll(`"${from}":`, `"${to}":`)
/** Changes answers to POST alone. */
const onPost = (url: string, change: (text: string) => string) =>
  onAnswer(url, (text, _, { method }) => (method === 'POST' ? change(text) : undefined))

const taken = new Set<unknown>()

/** Answers and input that are nearly right. */
export const shapeMutants: Record<string, Mutant> = {
  'other-name': {
    defect: 'the new product has a quantity instead of a stock',
    loses: ['contract.product'],
    hook: onPost('/products/', rename('stock', 'quantity')),
  },
  'untimed-list': {
    defect: 'the list does not say how long it took',
    loses: ['contract.catalogue', 'cache.time'],
    hook: onAnswer('/products/', (text) => text.replace(/"processing_time_ms":[\d.]+,/, '')),
  },
  'no-email': {
    defect: 'the new customer has no email',
    loses: ['contract.customer'],
    hook: onPost('/customers/', (text) => text.replace(/"email":"[^"]*",/, '')),
  },
  'oldest-customers': {
    defect: 'the list of customers stops before the newest',
    loses: ['contract.customers'],
    hook: onAnswer('/customers/', (text, _, { method }) =>
      method === 'GET' ? JSON.stringify(JSON.parse(text).slice(0, -1)) : undefined,
    ),
  },
  'nobody-is-200': {
    defect: 'a product that does not exist is a 200',
    loses: ['contract.detail'],
    hook: onAnswer(
      /^\/products\/\d+$/,
      (_, reply, { method }) => void (method === 'GET' && reply.statusCode === 404 && reply.code(200)),
    ),
  },
  'health-in-words': {
    defect: 'health is text',
    loses: ['health.summary'],
    hook: onAnswer('/health', () => 'fine'),
  },
  'live-204': {
    defect: 'liveness answers 204',
    loses: ['health.live'],
    hook: onAnswer('/health/live', (_, reply) => void reply.code(204)),
  },
  nameless: {
    defect: 'whoami does not say who',
    loses: ['health.whoami'],
    hook: onAnswer('/whoami', () => '{}'),
  },
  'job-unnamed': {
    defect: 'calls the id of the job id',
    loses: ['queue.accepts', 'queue.equal-orders'],
    hook: onPost('/orders/', rename('job_id', 'id')),
  },
  'crash-on-nobody': {
    defect: 'an order for an unknown customer is a 500',
    loses: ['queue.unknown-customer'],
    hook: (app) =>
      app.addHook('preHandler', async ({ body }) => {
        if ((body as { customer_id?: number } | undefined)?.customer_id === 2_147_483_002) throw new Error('null')
      }),
  },
  'wrong-order': {
    defect: 'the state of a job names another order',
    loses: ['queue.status', 'stock.total', 'stock.cancel-once'],
    hook: onAnswer(/^\/orders\/jobs\//, (text) =>
      text.replace(/(?<="order_id":)\d+/, (id) => `${Number(id) + 1_000_000}`),
    ),
  },
  'docs-as-json': {
    defect: 'the page of the documentation is sent as JSON',
    loses: ['docs.page'],
    hook: onAnswer(/^\/docs/, (_, reply) => void reply.type('application/json')),
  },
  'free-of-charge': {
    defect: 'a product without a price costs nothing',
    loses: ['validation.missing'],
    hook: onBody((body) => {
      if ('stock' in body && !('price' in body)) body.price = 0
    }),
  },
  'words-are-0': {
    defect: 'takes a word for 0',
    loses: ['validation.types'],
    hook: onBody((body) => {
      if (body.stock === 'many') body.stock = 0
    }),
  },
  'twice-registered': {
    defect: 'an e-mail address can be registered twice',
    loses: ['validation.email-once'],
    hook: onBody((body) => {
      if (!('email' in body)) return
      if (taken.has(body.email)) body.email = `again.${body.email}`
      taken.add(body.email)
    }),
  },
  'case-matters': {
    defect: 'an e-mail address in capitals is another one',
    loses: ['validation.email-case'],
    hook: onBody((body) => {
      if (/^[^a-z]+$/.test(String(body.email))) body.email = `other.${body.email}`
    }),
  },
  'broken-json-is-500': {
    defect: 'broken JSON is a 500',
    loses: ['validation.json'],
    hook: onAnswer('/products/', (_, reply) => void (reply.statusCode === 400 && reply.code(500))),
  },
  'escaped-text': {
    defect: 'stores names escaped for HTML',
    loses: ['validation.text'],
    hook: onBody((body) => {
      if (typeof body.name === 'string') body.name = body.name.replaceAll('<', '&lt;')
    }),
  },
  'bad-id-is-500': {
    defect: 'an id that is none is a 500',
    loses: ['validation.ids'],
    hook: onAnswer(/^\/products\/.+/, (_, reply) => void (reply.statusCode === 422 && reply.code(500))),
  },
  'mute-errors': {
    defect: 'errors have no body',
    loses: ['errors.says-why', 'errors.names-field', 'errors.problem'],
    hook: onAnswer(/./, (_, reply) => (reply.statusCode >= 400 ? '{}' : undefined)),
  },
}
