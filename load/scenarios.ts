// What the load scenarios are, once, for k6 (`load/k6/`) and for `npm run load`. Nothing is imported here: k6 has neither
// Node's modules nor npm's.

/** What a user does: read the catalogue, look at a product, order one, or ask which replica answers. */
export type Step = 'list' | 'product' | 'order' | 'whoami'

export interface Scenario {
  about: string
  /** For so many seconds, so many users. */
  stages: { seconds: number; users: number }[]
  /** Requests a second that each user makes, at most: who waits for an answer sends nothing. */
  pace: number
  /** Each user goes round and round through these. */
  steps: Step[]
  /** What must hold, or the run has failed. Answers of 429 are counted apart. */
  limits: { p95_ms: number; failed: number }
}

const shopping: Step[] = ['list', 'product', 'list', 'order']

export const scenarios = {
  smoke: {
    about: 'does it work at all; stays within the default limit of ten a minute',
    stages: [{ seconds: 8, users: 1 }],
    pace: 2,
    steps: ['list', 'product', 'order', 'whoami'],
    limits: { p95_ms: 2000, failed: 0 },
  },
  steady: {
    about: 'an ordinary day',
    stages: [{ seconds: 120, users: 50 }],
    pace: 2,
    steps: shopping,
    limits: { p95_ms: 250, failed: 0.001 },
  },
  spike: {
    about: 'thirty times as many, at once, and away again',
    stages: [
      { seconds: 20, users: 10 },
      { seconds: 30, users: 300 },
      { seconds: 30, users: 10 },
    ],
    pace: 2,
    steps: shopping,
    limits: { p95_ms: 1000, failed: 0.01 },
  },
  soak: {
    about: 'half an hour, to see what grows',
    stages: [{ seconds: 1800, users: 20 }],
    pace: 2,
    steps: shopping,
    limits: { p95_ms: 250, failed: 0.001 },
  },
  orders: {
    about: 'orders alone: the queue takes what the workers cannot keep up with',
    stages: [{ seconds: 60, users: 250 }],
    pace: 10,
    steps: ['order'],
    limits: { p95_ms: 500, failed: 0.001 },
  },
  limit: {
    about: 'twice as many users every ten seconds, to see where it stops',
    stages: [25, 50, 100, 200, 400, 800].map((users) => ({ seconds: 10, users })),
    pace: 10,
    steps: shopping,
    limits: { p95_ms: 1000, failed: 0.01 },
  },
  hpa: {
    about: '60, 100, 120 users, to see the autoscaler follow; load/demo-hpa.sh runs it',
    stages: [
      { seconds: 40, users: 60 },
      { seconds: 40, users: 100 },
      { seconds: 40, users: 120 },
    ],
    pace: 5,
    steps: shopping,
    limits: { p95_ms: 1000, failed: 0.01 },
  },
} as const satisfies Record<string, Scenario>

/** A scenario that lasts so many seconds in all, its stages in proportion. */
export function lasting(scenario: Scenario, seconds: number): Scenario {
  const total = scenario.stages.reduce((sum, stage) => sum + stage.seconds, 0)
  const stages = scenario.stages.map((stage) => ({ ...stage, seconds: Math.max(1, (stage.seconds * seconds) / total) }))
  return { ...scenario, stages: stages.map((stage) => ({ ...stage, seconds: Math.round(stage.seconds) })) }
}

/** What the users find in the shop: somebody to order for, and things that do not sell out. */
export interface Fixtures {
  customer_id: number
  product_ids: number[]
}

export const newCustomer = (unique: string) => ({ name: 'Load', email: `load.${unique}@example.com` })
export const newProduct = { name: 'Sold by the thousand', price: 1.5, stock: 1_000_000_000 }
/** Fewer than the limit of ten a minute, so that a shop that has it can be prepared. */
export const PRODUCTS = 5

interface Request {
  method: 'GET' | 'POST'
  path: string
  body?: object
}

/** The request of a step, about one product or another in turn. */
export function requestOf(step: Step, { customer_id, product_ids }: Fixtures, turn: number): Request {
  const product_id = product_ids[turn % product_ids.length]
  if (step === 'list') return { method: 'GET', path: '/products/' }
  if (step === 'product') return { method: 'GET', path: `/products/${product_id}` }
  if (step === 'whoami') return { method: 'GET', path: '/whoami' }
  return { method: 'POST', path: '/orders/', body: { customer_id, items: [{ product_id, quantity: 1 }] } }
}
