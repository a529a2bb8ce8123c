import type { Exchange } from '../exchange.ts'
import { excerpt } from '../verdict.ts'

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** What `--header` may have brought must not get into a report. */
const isSecret = (name: string): boolean => /^(authorization|cookie|x-api-key)$/.test(name)

/** The command that sends a request again. */
export function curlOf({ method, url, headers, body, from }: Exchange): string {
  const shown = Object.entries(headers).flatMap(([name, value]) => [
    '-H',
    quote(`${name}: ${isSecret(name) ? '…' : value}`),
  ])
  const usual = method === (body === undefined ? 'GET' : 'POST')
  return [
    'curl -i',
    ...(from ? ['--interface', from] : []),
    ...(usual ? [] : ['-X', method]),
    url,
    ...shown,
    ...(body === undefined ? [] : ['-d', quote(body.length > 2000 ? `${body.slice(0, 60)}…` : body)]),
  ].join(' ')
}

/**
 * A history as lines to be typed in: each request with its answer. One that was sent before the answer to the one above
 * had come ends in `&`, as the one above does: they ran at the same time.
 */
export function historyLines(history: Exchange[]): string[] {
  return history.flatMap((exchange, index) => {
    const next = history[index + 1]
    const overlaps = next !== undefined && next.sentAt < exchange.answeredAt
    const { status, text } = exchange
    return [`${index + 1}. ${curlOf(exchange)}${overlaps ? ' &' : ''}`, `   → ${status || '—'} ${excerpt(text)}`]
  })
}
