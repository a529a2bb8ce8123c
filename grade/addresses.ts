import { exchange } from './exchange.ts'

/**
 * Where requests come from. A target limits each client address, so on Linux, where all of 127.0.0.0/8 is this machine,
 * every request to a target on loopback is sent from an address of its own, and none is in the way of another, nor of a
 * run a moment ago. Elsewhere there is one address, and the client waits when it is told to.
 */
export interface Addresses {
  many: boolean
  /** An address nobody has used; undefined where there is but one. */
  next(): string | undefined
}

/** Two addresses of one network, side by side. */
export function neighbourOf(address: string): string {
  const [a, b, c, d] = address.split('.').map(Number)
  return `${a}.${b}.${c}.${(d ?? 0) + 1}`
}

export const oneAddress: Addresses = { many: false, next: () => undefined }

/** Finds out which it is, by asking the target for its health from another address. */
export async function findAddresses(target: string): Promise<Addresses> {
  const { hostname } = new URL(target)
  if (hostname !== 'localhost' && !hostname.startsWith('127.')) return oneAddress
  const { status } = await exchange({ method: 'GET', url: `${target}/health/live`, from: randomAddress() })
  return status === 0 ? oneAddress : { many: true, next: randomAddress }
}

const upTo = (limit: number): number => Math.floor(Math.random() * limit)

/** One of sixteen million; the last number leaves room for a neighbour. */
function randomAddress(): string {
  return `127.${1 + upTo(254)}.${upTo(256)}.${2 + upTo(250)}`
}
