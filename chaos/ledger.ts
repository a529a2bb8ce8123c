/** What an order asked for. */
export interface OrderBody {
  customer_id: number
  total?: number
  items?: { product_id: number; quantity: number }[]
}

/** An order as its client knows it. */
export interface PlacedOrder {
  /** Without a key a retry would be a second order, so there is none. */
  key: string | undefined
  body: OrderBody
  /** The job ids of all 202s for it: one, if the shop is right. */
  jobIds: Set<string>
  /** `refused`: told that nothing was enqueued. `unknown`: no answer, or one that says it is not known. */
  fate: 'accepted' | 'refused' | 'unknown'
  /** A final status that a client was told. */
  seen?: { job_id: string; status: string; order_id: number | undefined }
}

/** A product as its merchant knows it: who holds its turn is the only one to change it, apart from orders. */
export interface KnownProduct {
  id: number
  /** Scarce and much wanted; its orders are never cancelled. */
  scarce: boolean
  initialStock: number
  /** What changes added to the stock, those included whose answer was lost and that were found to have happened. */
  added: number
  /** Changes that happened. */
  changes: number
  /** The newest revision that was acknowledged; the name and the price carry it. */
  acknowledged: number
  /** Revisions found to have happened without an acknowledgement: a list may miss them for one TTL at most. */
  found: { revision: number; at: number }[]
  basePrice: number
}

/** A broken promise: its name, and what was seen. */
export interface Violation {
  name: string
  detail: string
}

/** Everything that clients were told, to be held against what the shop has. */
export class Ledger {
  readonly orders: PlacedOrder[] = []
  readonly products = new Map<number, KnownProduct>()
  readonly customers: number[] = []
  /** Orders whose cancellation was asked for, and whether it was acknowledged. */
  readonly cancellations = new Map<number, boolean>()
  /** Broken promises that showed themselves while the clients were at work. */
  readonly violations: Violation[] = []
  readonly counts = new Map<string, number>()
  /** Milliseconds to each first 202. */
  readonly acceptMs: number[] = []

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by)
  }

  /** When the clients began, in the time of `performance.now()`. */
  began = performance.now()

  report(name: string, detail: string): void {
    const at = ((performance.now() - this.began) / 1000).toFixed(2)
    this.violations.push({ name, detail: `at ${at} s ${detail}` })
  }
}

/** Name and price that a revision of a product has, so that a list tells which revision it shows. */
export const nameOf = (product: { id: number }, revision: number): string => `Lamp ${product.id} revision ${revision}`
export const priceOf = (product: { basePrice: number }, revision: number): number =>
  (Math.round(product.basePrice * 100) + revision) / 100
export const revisionOf = (name: string): number => Number(/revision (\d+)$/.exec(name)?.[1] ?? 0)
