// @ts-check
/** @import { Snapshot, PartEvent } from '../protocol/live-schema.ts' */

/** How many events of a part are kept. */
const KEPT = 50
/** Milliseconds over which rates are told: snapshots come up to four times a second, and a rate should not flicker. */
const WINDOW = 2500

/**
 * What the running shop tells of itself, as it comes (server-sent events). The browser connects again by itself.
 * @typedef {{ snapshot: Snapshot, before: Snapshot | undefined, earlier: Snapshot }} Reading the last two snapshots, whose
 *   counters differ by the traffic, and one of a few seconds ago
 */
export function openLive() {
  const target = new EventTarget()
  /** @type {Reading | undefined} */
  let reading
  /** @type {Snapshot[]} */
  let recent = []
  /** @type {Map<string, PartEvent[]>} */
  const events = new Map()
  let connected = false
  const source = new EventSource('/lab/live')

  /** @param {boolean} now */
  const connection = (now) => {
    connected = now
    target.dispatchEvent(new Event('connection'))
  }
  source.onopen = () => connection(true)
  source.onerror = () => connection(false)
  source.addEventListener('snapshot', ({ data }) => {
    /** @type {Snapshot} */
    const snapshot = JSON.parse(data)
    const since = Date.parse(snapshot.at) - WINDOW
    recent = [...recent.filter(({ at }) => Date.parse(at) >= since), snapshot]
    reading = { snapshot, before: reading?.snapshot, earlier: recent[0] ?? snapshot }
    target.dispatchEvent(new Event('snapshot'))
  })
  source.addEventListener('event', ({ data }) => {
    /** @type {PartEvent} */
    const event = JSON.parse(data)
    events.set(event.part, [event, ...(events.get(event.part) ?? [])].slice(0, KEPT))
    target.dispatchEvent(new Event('event'))
  })

  return {
    reading: () => reading,
    connected: () => connected,
    /** The last events of a part, the newest first. @param {string} part */
    eventsOf: (part) => events.get(part) ?? [],
    /**
     * Calls back at each of `snapshot`, `event` or `connection`, until the signal.
     * @param {'snapshot' | 'event' | 'connection'} name @param {() => void} callback @param {AbortSignal} signal
     */
    on: (name, callback, signal) => target.addEventListener(name, callback, { signal }),
  }
}

/** @typedef {ReturnType<typeof openLive>} Live */
