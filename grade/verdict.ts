import { type Exchange, pathOf } from './exchange.ts'
import type { Text } from './text.ts'

const HISTORY = 12

/** What was expected did not come, and here are the fewest exchanges that show it. */
export class Breach extends Error {
  override name = 'Breach'
  readonly came: Text
  readonly history: Exchange[]
  constructor(came: Text | string, history: Exchange[]) {
    const text = typeof came === 'string' ? { en: came, es: came } : came
    super(text.en)
    this.came = text
    this.history = history.slice(0, HISTORY)
  }
}

/** What the check builds on did not work, so it could not be carried out; no point is earned, and no breach shown. */
export class Blocked extends Error {
  override name = 'Blocked'
  readonly came: Text
  readonly history: Exchange[]
  constructor(came: Text, history: Exchange[] = []) {
    super(came.en)
    this.came = came
    this.history = history
  }
}

/** An exchange in a line: `GET /products/ → 200 {"from_cache":true,…`. */
export function brief(exchange: Exchange): string {
  const { method, status, text } = exchange
  return `${method} ${pathOf(exchange)} → ${status || ''} ${excerpt(text)}`.trimEnd()
}

export function excerpt(text: string, length = 160): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length)}…` : line
}

/**
 * Holds an expectation of the check against what came.
 * @param history the exchanges that show it, the decisive one last
 * @param came in words, where the decisive exchange does not speak for itself
 * @throws Breach
 */
export function demand(holds: boolean, history: Exchange[], came?: Text | string): void {
  const last = history.at(-1)
  if (!holds) throw new Breach(came ?? (last ? brief(last) : ''), history)
}
