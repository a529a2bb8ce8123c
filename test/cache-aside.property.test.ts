import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc, { type Scheduler } from 'fast-check'
import { type Cache, StoreUnavailable } from '../src/patterns/cache/cache.ts'
import { cacheAside } from '../src/patterns/cache/cache-aside.ts'
import { memoryCache } from '../src/patterns/cache/memory-cache.ts'
import { runs } from './support/property.ts'

type Actor = { does: 'read' | 'write'; process: 0 | 1 }
const actors = fc.array(
  fc.record<Actor>({ does: fc.constantFrom('read', 'read', 'write'), process: fc.constantFrom(0, 1) }),
  { minLength: 2, maxLength: 12 },
)
/** Which of the cache's reads and stores find it away. */
const outages = fc.infiniteStream(fc.boolean())
const never = fc.constant([false][Symbol.iterator]())

/** A cache across a network: every command is sent, carried out and answered at moments the scheduler picks. */
function remote(cache: Cache, scheduler: Scheduler, isAway: () => boolean): Cache {
  const step = (what: string) => scheduler.schedule(Promise.resolve(), what)
  const call = async <T>(what: string, command: () => Promise<T>): Promise<T> => {
    await step(`${what} sent`)
    const answer = await command()
    await step(`${what} answered`)
    return answer
  }
  const mayFail = async <T>(what: string, command: () => Promise<T>): Promise<T> => {
    if (!isAway()) return call(what, command)
    await step(`${what} refused`)
    throw new StoreUnavailable()
  }
  return {
    ...cache,
    read: (key) => mayFail('cache read', () => cache.read(key)),
    store: (...args) => mayFail('cache store', () => cache.store(...args)),
    invalidate: (key) => call('invalidation', () => cache.invalidate(key)),
  }
}

/**
 * Readers and writers in two processes, interleaved as the scheduler says. Each write makes the next version; no read
 * may give a version older than the newest one that was acknowledged before that read began.
 */
async function neverStale(scheduler: Scheduler, cast: Actor[], cache: Cache, isAway: () => boolean): Promise<void> {
  let committed = 0
  let acknowledged = 0
  const load = async () => {
    await scheduler.schedule(Promise.resolve(), 'query sent')
    const rows = String(committed)
    await scheduler.schedule(Promise.resolve(), 'query answered')
    return rows
  }
  const processes = [0, 1].map(() => cacheAside({ cache: remote(cache, scheduler, isAway), key: 'k', ttl: 60, load }))
  const act = async ({ does, process }: Actor) => {
    const aside = processes[process]
    assert.ok(aside)
    await scheduler.schedule(Promise.resolve(), `${does} begins in process ${process}`)
    if (does === 'read') {
      const due = acknowledged
      const { value } = await aside.read()
      assert.ok(Number(value) >= due, `read version ${value} after version ${due} was acknowledged`)
    } else {
      const version = ++committed
      await aside.invalidate()
      acknowledged = Math.max(acknowledged, version)
    }
  }
  await scheduler.waitFor(Promise.all(cast.map(act)))
}

const isAwayFrom = (stream: Iterator<boolean>) => () => stream.next().value === true

test('no interleaving of reads and writes gives a version older than one acknowledged before', async () => {
  const property = fc.asyncProperty(fc.scheduler(), actors, never, (scheduler, cast, stream) =>
    neverStale(scheduler, cast, memoryCache(), isAwayFrom(stream)),
  )
  await fc.assert(property, runs(800))
})

test('nor does it with a cache that is away now and then', async () => {
  const property = fc.asyncProperty(fc.scheduler(), actors, outages, (scheduler, cast, stream) =>
    neverStale(scheduler, cast, memoryCache(), isAwayFrom(stream)),
  )
  await fc.assert(property, runs(800))
})

test('the property finds a cache without the generation fence', async () => {
  const property = fc.asyncProperty(fc.scheduler(), actors, async (scheduler, cast) => {
    const cache = memoryCache()
    const unfenced: Cache = {
      ...cache,
      async store(key, value, ttlMs) {
        const found = await cache.read(key)
        return found.hit || cache.store(key, value, ttlMs, found.generation)
      },
    }
    await neverStale(scheduler, cast, unfenced, () => false)
  })
  const failure = await fc.assert(property, { numRuns: 5000, seed: 1 }).catch((error: Error) => error)
  assert.match(String(failure?.cause), /read version \d+ after version \d+ was acknowledged/)
})
