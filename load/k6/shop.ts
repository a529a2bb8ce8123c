// What the scripts beside this file share. They need k6 0.57 or newer, which runs TypeScript by itself:
//   k6 run -e BASE=http://localhost:8080 load/k6/steady.ts
// DURATION (seconds) stretches or shrinks the scenario; ADMIN_TOKEN is for a shop that has one.
import { check, sleep } from 'k6'
import http from 'k6/http'
import { Counter } from 'k6/metrics'
import type { Options } from 'k6/options'
import { type Fixtures, lasting, newCustomer, newProduct, PRODUCTS, requestOf, type Scenario } from '../scenarios.ts'

const { BASE = 'http://localhost:8080', DURATION, ADMIN_TOKEN } = __ENV
const json = { 'Content-Type': 'application/json', ...(ADMIN_TOKEN && { Authorization: `Bearer ${ADMIN_TOKEN}` }) }

/** Over the limit: told, not failed. */
const limited = new Counter('limited')
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 399 }, 429))

export function optionsOf(scenario: Scenario): Options {
  const { stages, limits } = DURATION ? lasting(scenario, Number(DURATION)) : scenario
  return {
    scenarios: {
      shop: {
        executor: 'ramping-vus',
        startVUs: stages[0]?.users ?? 1,
        // A stage of no seconds is a step: users come and go at once, as in `npm run load`.
        stages: stages.flatMap(({ seconds, users }) => [
          { duration: '0s', target: users },
          { duration: `${seconds}s`, target: users },
        ]),
        gracefulRampDown: '10s',
      },
    },
    thresholds: {
      http_req_duration: [`p(95)<${limits.p95_ms}`],
      http_req_failed: [`rate<=${limits.failed}`],
    },
    summaryTrendStats: ['p(50)', 'p(90)', 'p(95)', 'p(99)', 'max'],
  }
}

export function setup(): Fixtures {
  const make = (path: string, body: object) => {
    const answer = http.post(`${BASE}${path}`, JSON.stringify(body), { headers: json })
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${answer.body}`)
    return answer.json('id') as number
  }
  const product_ids: number[] = []
  while (product_ids.length < PRODUCTS) product_ids.push(make('/products/', newProduct))
  return { customer_id: make('/customers/', newCustomer(`${Date.now()}`)), product_ids }
}

/** One request of one user, and the rest of the time until the next. */
export function userOf({ steps, pace }: Scenario): (fixtures: Fixtures) => void {
  return (fixtures) => {
    const step = steps[(__VU + __ITER) % steps.length] ?? 'list'
    const { method, path, body } = requestOf(step, fixtures, __VU + __ITER)
    const began = Date.now()
    const headers = { ...json, ...(step === 'order' && { 'Idempotency-Key': `${began}-${__VU}-${__ITER}` }) }
    const params = { headers, tags: { step } }
    const answer = http.request(method, `${BASE}${path}`, body ? JSON.stringify(body) : null, params)
    if (answer.status === 429) limited.add(1)
    check(answer, { answered: ({ status }) => (status >= 200 && status < 400) || status === 429 })
    sleep(Math.max(0, 1 / pace - (Date.now() - began) / 1000))
  }
}
