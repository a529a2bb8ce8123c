import type { QueuedOrder, Totals } from './backup-file.ts'

/** What a backup holds, as a table for people. */
export function report(totals: Totals[], orders: QueuedOrder[]): string {
  const lines = totals.map(({ table, rows, checksum }) => [table, String(rows), checksum])
  const dead = orders.filter((order) => order.dead).length
  lines.push(['orders under way', String(orders.length - dead), ''], ['dead letters', String(dead), ''])
  const row = ([name = '', rows = '', checksum = '']: string[]) =>
    `${name.padEnd(18)}${rows.padStart(9)}  ${checksum}`.trimEnd()
  return [row(['table', 'rows', 'checksum']), ...lines.map(row)].join('\n')
}
