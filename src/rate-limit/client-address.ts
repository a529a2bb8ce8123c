import { isIPv6 } from 'node:net'

/**
 * The address a client is counted by. An IPv6 customer commonly gets a /64 (RFC 6177), 2⁶⁴ addresses to rotate through,
 * so IPv6 is counted by /64; an IPv4 address in IPv6 form (`::ffff:192.0.2.1`) is that IPv4 address.
 */
export function clientAddress(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const left = head ? head.split(':') : []
  const right = tail ? tail.split(':') : []
  const groups =
    tail === undefined ? left : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
