import { fire } from '../load.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'
import { takeOrders } from './intake.ts'

/** A page of products, and a page of orders from the middle, in turn; at first for `warmUp` seconds. */
function readPages(
  name: string,
  { url, pid }: { url: string; pid: number },
  { seconds, warmUp }: { seconds: number; warmUp: number },
  after: number,
): Subject {
  let turn = 0
  const request = () => ({ path: turn++ % 2 ? '/products/?limit=20&after=40' : `/orders/?limit=20&after=${after}` })
  return {
    name,
    async measure() {
      const sample = await fire(url, { request, expect: 200, warmUp, seconds, pid })
      warmUp = 0
      return sample
    },
  }
}

/** Pages in a shop with ten times the catalogue and a long past, against the small one, in turns. */
export function bigPages({ ours, big }: Stage, turns: { seconds: number; warmUp: number }, oldOrders: number): Work {
  return {
    name: `page reads, 10 × catalogue, ${oldOrders.toLocaleString('en')} orders`,
    unit: '/s',
    ours: readPages('ours, big: pages', big, turns, oldOrders / 2),
    against: [{ subject: readPages('ours, small: pages', ours, turns, 500), bar: 1 / 1.3, aim: 1 / 1.05 }],
  }
}

export function bigIntake({ big }: Stage, part: number, oldOrders: number, small: Subject): Work {
  return {
    name: `POST /orders/, 10 × catalogue, ${oldOrders.toLocaleString('en')} orders`,
    unit: '/s',
    ours: takeOrders('ours, big: orders taken', big, part),
    against: [{ subject: small, bar: 1 / 1.3, aim: 1 / 1.05 }],
  }
}
