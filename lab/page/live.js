// @ts-check
import { useEffect, useReducer } from 'preact/hooks'

/** @import { PartEvent, Snapshot } from '../protocol/live-schema.ts' */

/** Events kept of each part. */
const KEPT = 50
/** Milliseconds over which rates are computed: snapshots come up to four times a second, and a rate should not flicker. */
const WINDOW = 2500

/**
 * What the running shop reports (server-sent events). The browser reconnects by itself.
 * @typedef {{ snapshot: Snapshot, before: Snapshot | undefined, earlier: Snapshot }} Reading the last two snapshots, whose
 *   counters differ by the traffic, and one of a few seconds ago
 */
export function openLive() {
  /** @type {Set<() => void>} */
  const listeners = new Set()
  /** @type {Reading | undefined} */
  let reading
  /** @type {Snapshot[]} */
  let recent = []
  /** @type {Map<string, PartEvent[]>} */
  const events = new Map()
  let connected = false
  const source = new EventSource('/lab/live')
  const changed = () => {
    for (const listener of listeners) listener()
  }
  source.onopen = source.onerror = ({ type }) => {
    connected = type === 'open'
    changed()
  }
  source.addEventListener('snapshot', ({ data }) => {
    /** @type {Snapshot} */
    const snapshot = JSON.parse(data)
    const since = Date.parse(snapshot.at) - WINDOW
    recent = [...recent.filter(({ at }) => Date.parse(at) >= since), snapshot]
    reading = { snapshot, before: reading?.snapshot, earlier: recent[0] ?? snapshot }
    changed()
  })
  source.addEventListener('event', ({ data }) => {
    /** @type {PartEvent} */
    const event = JSON.parse(data)
    events.set(event.part, [event, ...(events.get(event.part) ?? [])].slice(0, KEPT))
    changed()
  })

  return {
    reading: () => reading,
    connected: () => connected,
    /** The last events of a part, the newest first. @param {string} part */
    eventsOf: (part) => events.get(part) ?? [],
    /** Calls back at each change, until the returned function is called. @param {() => void} listener */
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** @typedef {ReturnType<typeof openLive>} Live */

/** Renders a component at each change. @param {Live} live */
export function useLive(live) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0)
  useEffect(() => live.listen(() => render(undefined)), [live])
}
