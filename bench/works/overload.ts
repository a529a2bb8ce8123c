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

/**
 * The list of 1,000 products out of the database, five times as often as it can be served, in an open loop over 1,000
 * connections: how often it is served within a second all the same, and how soon the others are refused. It is held against
 * a process like it that is asked as often as it answers. They take turns of `seconds`, in which the other one is frozen:
 * the overload outlasts that, since it is a matter of the process's own time. Cheaper requests would overload the load
 * generator, which shares a core with the stores. Both are asked for `warmUp` seconds before.
 */
export function overload({ bigUncached: twin, overloaded: shop }: Stage, seconds: number, warmUp: number): Work {
  let crowd: Crowd | undefined
  let capacity = 0

  async function begin(): Promise<Crowd> {
    await fire(shop.url, { request, expect: 200, seconds: warmUp })
    capacity = (await fire(twin.url, { request, expect: 200, seconds: warmUp })).value
    return gather(shop.url, request, CONNECTIONS)
  }

  /** Asks too much until a part of it is refused, and what had waited before that is served. */
  async function overwhelm({ ask }: Crowd): Promise<void> {
    for (let waited = 0; waited < PATIENCE; waited++) {
      const { refusedP50 } = await ask(OVERLOAD * capacity, 1)
      if (refusedP50 > 0) {
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
          const { goodput, refusedP50, refusedP99 } = await crowd.ask(OVERLOAD * capacity, seconds)
          if (refusedP50 > 0) {
            process.kill(shop.pid, 'SIGSTOP')
            return { value: goodput, p50: refusedP50, p99: refusedP99 }
          }
          await overwhelm(crowd) // at first, and when it took being frozen for a pause
        }
      },
    },
    against: [
      {
        subject: {
          name: 'ours, big, cache off',
          async measure() {
            // So many that it has nothing left to do when the other one goes on.
            const amount = Math.round(seconds * capacity)
            const sample = await fire(twin.url, { request, expect: 200, amount, pid: twin.pid })
            capacity = sample.value
            return sample
          },
        },
        bar: 0.8,
      },
    ],
    limits: [{ of: 'p99', bar: REFUSAL_MS }],
    async end() {
      process.kill(shop.pid, 'SIGCONT')
      await crowd?.leave()
    },
  }
}
