import { isIP, SocketAddress } from 'node:net'

/** Stands for text that is no address: all such clients share one count. */
const UNKNOWN = 'unknown'

/**
 * The address by which a client is counted, in one spelling whatever a proxy makes of it: without a port, and IPv4 in IPv6
 * form (`::ffff:192.0.2.1`) as IPv4. An IPv6 customer commonly gets a /64 (RFC 6177), 2⁶⁴ addresses to rotate through, so
 * IPv6 is counted by /64.
 */
export function clientAddress(text: string): string {
  const address = (/^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text).split('%', 1)[0] ?? ''
  if (isIP(address) === 4) return address
  if (isIP(address) !== 6) {
    const [withoutPort = ''] = address.split(':', 1)
    return isIP(withoutPort) === 4 ? withoutPort : UNKNOWN
  }
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address // RFC 5952
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1]
  if (mapped) return mapped
  const [left = '', right = ''] = canonical.split('::').map((half) => half.replace(/[\d.]+\.\d+$/, '0:0'))
  const groups = [left, right].map((half) => (half ? half.split(':') : []))
  const zeros = Array(8 - groups.flat().length).fill('0')
  return `${[...(groups[0] ?? []), ...zeros, ...(groups[1] ?? [])].slice(0, 4).join(':')}::/64`
}
