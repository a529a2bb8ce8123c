// @ts-check
/** @import { Snapshot, PartEvent } from '../protocol.ts' */

/** How many events of a part are kept. */
const KEPT = 50

/**
 * What the running shop tells of itself, as it comes (server-sent events). The browser connects again by itself.
 * @typedef {{ snapshot: Snapshot, before: Snapshot | undefined }} Reading two readings, whose counters differ by the traffic
 */
export function openLive() {
  const target = new EventTarget()
  /** @type {Reading | undefined} */
  let reading
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
    reading = { snapshot, before: reading?.snapshot }
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
