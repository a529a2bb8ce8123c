// @ts-check
/** @import { Snapshot } from '../protocol/live-schema.ts' */
/** @import { PartName } from '../protocol/part-schema.ts' */
/** @import { Texts } from './texts.js' */

/** The parts of the diagram, in the order in which a request passes them. */
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

/** `trouble`: whether something is wrong with the part. @typedef {{ figure: string, unit: string, detail: string, trouble: boolean }} Figures */

/**
 * The one figure that stands for a part, what it counts, and a second one beside it.
 * @param {PartName} part
 * @param {Snapshot} snapshot
 * @param {Texts} texts
 * @returns {Figures}
 */
export function figuresOf(part, snapshot, texts) {
  return { trouble: snapshot.health.checks[part]?.status === 'unavailable', ...figures[part](snapshot, texts) }
}

/** @type {Record<PartName, (snapshot: Snapshot, texts: Texts) => Omit<Figures, 'trouble'> & { trouble?: boolean }>} */
const figures = {
  client: ({ client }, { t, quantity }) => ({
    figure: quantity(client.per_second),
    unit: t('figure.per_second'),
    detail: t('figure.requests', { requests: client.requests }),
  }),
  limiter: ({ limiter }, { t, number }) => ({
    figure: limiter ? number(limiter.denied) : t('figure.off'),
    unit: limiter ? t('figure.denied') : 'RATE_LIMIT=\u200boff',
    detail: limiter ? t('figure.allowed', { allowed: limiter.allowed }) : '',
  }),
  api({ api }, { t, quantity }) {
    const p99 = quantity(slowest(api.map(({ p99_ms }) => p99_ms)), 'ms')
    return {
      figure: quantity(slowest(api.map(({ p50_ms }) => p50_ms)), 'ms'),
      unit: t('figure.median'),
      detail: api.length > 1 ? t('figure.instances', { p99, instances: api.length }) : t('figure.p99', { p99 }),
    }
  },
  cache({ cache }, { t, quantity }) {
    const reads = cache.hit + cache.stored + cache.not_stored + cache.collapsed + cache.unavailable
    return {
      figure: quantity(reads > 0 ? Math.round((100 * cache.hit) / reads) : null, '%'),
      unit: t('figure.hits'),
      detail: cache.ttl_ms == null ? t('figure.empty') : t('figure.ttl', { ttl: Math.ceil(cache.ttl_ms / 1000) }),
    }
  },
  queue({ queue }, { t, number }) {
    if (!queue) return { figure: '–', unit: t('figure.unknown'), detail: '', trouble: true }
    return {
      figure: number(queue.waiting + queue.delayed),
      unit: t('figure.waiting'),
      detail: t('figure.queue', { active: queue.active, failed: queue.failed }),
      ...(queue.failed > 0 && { trouble: true }),
    }
  },
  worker: ({ workers }, { t, number, quantity }) => ({
    figure: number(workers.reduce((sum, { jobs }) => sum + jobs, 0)),
    unit: t('figure.jobs'),
    detail: t('figure.each', { ms: quantity(slowest(workers.map(({ p50_ms }) => p50_ms)), 'ms') }),
  }),
  database: ({ database }, { t, number }) => ({
    figure: number(database.queries),
    unit: t('figure.queries'),
    detail: t('figure.pool', { used: database.pool_in_use, size: database.pool_size }),
  }),
  health: ({ health }, { t, quantity, maybe }) => ({
    figure: t(`health.${health.status}`),
    unit: '',
    detail: Object.entries(health.checks)
      .map(([name, { latency_ms }]) => `${maybe(`state.${name}`, name)} ${quantity(latency_ms, 'ms')}`)
      .join(' · '),
    trouble: health.status !== 'ok',
  }),
}

/** The largest of the known times. @param {(number | null)[]} times */
function slowest(times) {
  const known = times.filter((time) => time != null)
  return known.length > 0 ? Math.max(...known) : null
}
