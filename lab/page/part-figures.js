// @ts-check
/** @import { Snapshot } from '../protocol/live-schema.ts' */
/** @import { PartName } from '../protocol/part-schema.ts' */
/** @import { Texts } from './texts.js' */

/** The parts of the diagram, in the order of a request. */
export const partNames = /** @type {const} */ ([
  'client',
  'limiter',
  'api',
  'cache',
  'queue',
  'worker',
  'database',
  'health',
])

/** @typedef {{ figure: string, unit: string, detail: string, trouble: boolean }} Figures */

/**
 * The one figure a part is known by and what it counts, a second beside it, and whether something is wrong with it.
 * @param {PartName} part
 * @param {Snapshot} snapshot
 * @param {Texts} texts
 * @returns {Figures}
 */
export function figuresOf(part, { client, limiter, api, cache, queue, workers, database, health }, texts) {
  const { t, quantity, number, maybe } = texts
  const trouble = health.checks[part]?.status === 'unavailable'
  switch (part) {
    case 'client':
      return {
        figure: quantity(client.per_second),
        unit: t('figure.per_second'),
        detail: t('figure.requests', { requests: client.requests }),
        trouble,
      }
    case 'limiter':
      if (!limiter) return { figure: t('figure.off'), unit: 'RATE_LIMIT=\u200boff', detail: '', trouble }
      return {
        figure: number(limiter.denied),
        unit: t('figure.denied'),
        detail: t('figure.allowed', { allowed: limiter.allowed }),
        trouble,
      }
    case 'api': {
      const p99 = quantity(slowest(api.map(({ p99_ms }) => p99_ms)), 'ms')
      return {
        figure: quantity(slowest(api.map(({ p50_ms }) => p50_ms)), 'ms'),
        unit: t('figure.median'),
        detail: api.length > 1 ? t('figure.instances', { p99, instances: api.length }) : t('figure.p99', { p99 }),
        trouble,
      }
    }
    case 'cache': {
      const reads = cache.hit + cache.stored + cache.not_stored + cache.collapsed + cache.unavailable
      return {
        figure: quantity(reads > 0 ? Math.round((100 * cache.hit) / reads) : null, '%'),
        unit: t('figure.hits'),
        detail: cache.ttl_ms == null ? t('figure.empty') : t('figure.ttl', { ttl: Math.ceil(cache.ttl_ms / 1000) }),
        trouble,
      }
    }
    case 'queue':
      if (!queue) return { figure: '–', unit: t('figure.unknown'), detail: '', trouble: true }
      return {
        figure: number(queue.waiting + queue.delayed),
        unit: t('figure.waiting'),
        detail: t('figure.queue', { active: queue.active, failed: queue.failed }),
        trouble: trouble || queue.failed > 0,
      }
    case 'worker':
      return {
        figure: number(workers.reduce((sum, { jobs }) => sum + jobs, 0)),
        unit: t('figure.jobs'),
        detail: t('figure.each', { ms: quantity(slowest(workers.map(({ p50_ms }) => p50_ms)), 'ms') }),
        trouble,
      }
    case 'database':
      return {
        figure: number(database.queries),
        unit: t('figure.queries'),
        detail: t('figure.pool', { used: database.pool_in_use, size: database.pool_size }),
        trouble,
      }
    case 'health':
      return {
        figure: t(`health.${health.status}`),
        unit: '',
        detail: Object.entries(health.checks)
          .map(([name, { latency_ms }]) => `${maybe(`state.${name}`, name)} ${quantity(latency_ms, 'ms')}`)
          .join(' · '),
        trouble: health.status !== 'ok',
      }
  }
}

/** The largest of times of which some are not known. @param {(number | null)[]} times */
function slowest(times) {
  const known = times.filter((time) => time != null)
  return known.length > 0 ? Math.max(...known) : null
}
