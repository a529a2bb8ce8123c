import { percentile } from '../../support/statistics.ts'
import { fire } from '../load.ts'
import { type Crowd, gather } from '../open-loop.ts'
import type { Stage } from '../stage.ts'
import type { Work } from '../work.ts'

const OVERLOAD = 5
const CONNECTIONS = 1000
/** Milliseconds within which a refusal has to come. */
const REFUSAL_MS = 50

/** Seconds within which it has to begin to refuse, and those until what had waited before is served. */
const PATIENCE = 20
const SETTLING = 3

const request = { path: '/products/' }

/** So often the process may take being frozen for a pause that ends its overload. */
const ENDS = 5

/**
 * The list of 1,000 products out of the database, five times as often as it can be served, in an open loop over 1,000
 * connections: how often it is served within a second all the same, and how soon the others are refused. It is held against
 * a process like it that is asked as often as it answers. They take turns of `seconds`, in which the other one is frozen:
 * the overload outlasts that, since it is a matter of the process's own time. Only if it is frozen while it waits for the
 * database it takes that for a pause. Cheaper requests would overload the load generator, which shares a core with the
 * stores. Both are asked for `warmUp` seconds before.
 */
export function overload({ bigUncached: twin, overloaded: shop }: Stage, seconds: number, warmUp: number): Work {
  let crowd: Crowd | undefined
  let capacity = 0
  let ends = -1 // at first it is not overloaded
  const waits: number[] = []

  async function begin(): Promise<Crowd> {
    await fire(shop.url, { request, expect: 200, seconds: warmUp })
    capacity = (await fire(twin.url, { request, expect: 200, seconds: warmUp })).value
    return gather(shop.url, request.path, CONNECTIONS)
  }

  /** Asks too much until a part of it is refused, and what had waited before that is served. */
  async function overwhelm({ ask }: Crowd): Promise<void> {
    if (++ends > ENDS) throw new Error(`${ends} times nothing more was refused, though as much was asked`)
    for (let waited = 0; waited < PATIENCE; waited++) {
      const { refused } = await ask(OVERLOAD * capacity, 1)
      if (refused.length > 0) {
        await ask(OVERLOAD * capacity, SETTLING)
        return
      }
    }
    throw new Error(`${PATIENCE} s of ${OVERLOAD} times as much as it can answer, and nothing was refused`)
  }

  return {
    name: 'cold GET /products/, 10 × catalogue, at 5 × capacity',
    unit: '/s',
    ours: {
      name: 'ours, overloaded',
      async measure() {
        process.kill(shop.pid, 'SIGCONT')
        crowd ??= await begin()
        for (;;) {
          const { goodput, refused } = await crowd.ask(OVERLOAD * capacity, seconds)
          if (refused.length > 0) {
            process.kill(shop.pid, 'SIGSTOP')
            waits.push(...refused)
            return { value: goodput, ...latencyOf(refused) }
          }
          await overwhelm(crowd)
        }
      },
      latency: () => latencyOf(waits),
    },
    against: [
      {
        subject: {
          name: 'ours, big, cache off',
          async measure() {
            // So many that it has nothing left to do when the other one goes on.
            const amount = Math.round(seconds * capacity)
            const sample = await fire(twin.url, { request, expect: 200, amount, pid: twin.pid })
            capacity += (sample.value - capacity) / 5
            return sample
          },
        },
        bar: 0.7,
      },
    ],
    limits: [{ of: 'p99', bar: REFUSAL_MS }],
    async end() {
      process.kill(shop.pid, 'SIGCONT')
      await crowd?.leave()
    },
  }
}

function latencyOf(waits: number[]) {
  return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) }
}
