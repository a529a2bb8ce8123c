import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'
import { readList } from './cached-list.ts'

/** The cached list with the limiter on, in Redis: what it costs, in turns with that without. Its quota admits all. */
export function limitedList({ limited }: Stage, seconds: number, unlimited: Subject): Work {
  return {
    name: 'cached GET /products/, limiter on',
    unit: '/s',
    ours: readList('ours, limiter on', limited, seconds, 0),
    against: [{ subject: unlimited, bar: 0.5, aim: 0.8 }],
  }
}
