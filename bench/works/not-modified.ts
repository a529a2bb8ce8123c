import { fire } from '../load.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'
import { readList } from './cached-list.ts'

/** The cached list, asked for by somebody who has it, in turns with the full answer of the same process. */
export function notModified({ ours: { url, pid } }: Stage, seconds: number): Work {
  const ours: Subject = {
    name: 'ours, 304',
    async measure() {
      const etag = (await fetch(`${url}/products/`)).headers.get('etag') ?? ''
      const request = { path: '/products/', headers: { 'if-none-match': etag } }
      return fire(url, { request, expect: 304, seconds, pid })
    },
  }
  return {
    name: 'If-None-Match → 304',
    unit: '/s',
    ours,
    against: [{ subject: readList('ours, cached', { url, pid }, seconds, 0), bar: 1.2, aim: 1.5 }],
  }
}
