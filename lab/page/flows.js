// @ts-check
/** @import { Snapshot } from '../protocol/live-schema.ts' */

/** @typedef {'read' | 'order' | 'denied' | 'other'} Kind */
/** @typedef {{ kind: Kind, steps: { edge: string, back: boolean }[], count: number }} Flow */

const in_ = ['client-limiter', 'limiter-api']

/**
 * The paths that requests and orders took between two snapshots, with the count of each. A read that hits ends at the
 * cache; a read that misses goes back and on to the database.
 * @param {Snapshot} before
 * @param {Snapshot} now
 * @returns {Flow[]}
 */
export function flowsBetween(before, now) {
  /** @param {(snapshot: Snapshot) => number} counter */
  const grown = (counter) => Math.max(0, counter(now) - counter(before))
  const requests = grown(({ client }) => client.requests)
  const denied = grown(({ limiter }) => limiter?.denied ?? 0)
  const hits = grown(({ cache }) => cache.hit + cache.collapsed)
  const misses = grown(({ cache }) => cache.stored + cache.not_stored + cache.unavailable)
  const orders = grown(({ api }) => api.reduce((sum, { accepted }) => sum + accepted, 0))
  const decided = grown(({ workers }) => workers.reduce((sum, { jobs }) => sum + jobs, 0))
  const others = Math.max(0, requests - denied - hits - misses - orders)

  return [
    flow('denied', denied, 'client-limiter', '<client-limiter'),
    flow('read', hits, ...in_, 'api-cache'),
    flow('read', misses, ...in_, 'api-cache', '<api-cache', 'api-database'),
    flow('order', orders, ...in_, 'api-queue'),
    flow('order', decided, 'queue-worker', 'worker-database'),
    flow('other', others, ...in_),
  ].filter(({ count }) => count > 0)
}

/** The count of each edge. @param {Flow[]} flows @returns {Map<string, number>} */
export function trafficOf(flows) {
  const traffic = new Map()
  for (const { steps, count } of flows)
    for (const { edge, back } of steps) if (!back) traffic.set(edge, (traffic.get(edge) ?? 0) + count)
  return traffic
}

/** @param {Kind} kind @param {number} count @param {...string} steps edges, with `<` for the way back @returns {Flow} */
function flow(kind, count, ...steps) {
  return { kind, count, steps: steps.map((step) => ({ edge: step.replace('<', ''), back: step.startsWith('<') })) }
}
