/** How many order jobs are waiting, active or delayed, according to the `/metrics` of a shop. */
export async function queueDepth(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  const counts = [...text.matchAll(/^shop_queue_jobs\{state="(?:waiting|active|delayed)"\} (\d+)$/gm)]
  return counts.length === 3 ? counts.reduce((sum, [, count]) => sum + Number(count), 0) : Number.NaN
}
