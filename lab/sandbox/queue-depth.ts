/** How many orders wait, are at hand, or are to be tried again, as a process of the shop has it at `/metrics`. */
export async function queueDepth(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  const counts = [...text.matchAll(/^shop_queue_jobs\{state="(?:waiting|active|delayed)"\} (\d+)$/gm)]
  return counts.length === 3 ? counts.reduce((sum, [, count]) => sum + Number(count), 0) : Number.NaN
}
