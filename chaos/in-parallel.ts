/** Lets `work` run over a list, `width` at a time. */
export async function inParallel<T>(
  width: number,
  list: Iterable<T>,
  work: (entry: T) => Promise<void>,
): Promise<void> {
  const entries = list[Symbol.iterator]()
  const run = async () => {
    for (let next = entries.next(); !next.done; next = entries.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: width }, run))
}
