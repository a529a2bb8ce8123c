import { ask } from './http.ts'

const PATIENCE_MS = 2000

/** How many order jobs are waiting, active or delayed, by the `/metrics` of a shop. @throws when it does not say */
export async function queueDepth(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { status, text } = await ask(`${url}/metrics`, { headers, patience: PATIENCE_MS })
  if (status !== 200) throw new Error(`${url}/metrics answers ${status || 'nothing'}`)
  const counts = [...text.matchAll(/^shop_queue_jobs\{state="(?:waiting|active|delayed)"[^}]*\} (\d+)/gm)]
  if (counts.length === 0) throw new Error(`${url}/metrics has no shop_queue_jobs`)
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}
