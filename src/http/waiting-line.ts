/** A place in a line that is a ring, in which the place of nobody is both before the first and after the last. */
interface Place<T> {
  before: Place<T>
  after: Place<T>
  waiting: T
  /** On the clock of `performance.now()`. */
  deadline: number
}

/**
 * What waits equally long, in the order of its coming, which is that of its deadlines: so one timer serves all. A timer for
 * each request was a tenth of what a cached answer costs.
 *
 * A linked list and not a `Set`. A set makes itself a new table whenever enough has come and gone, and lets the old one
 * point to it, for those who are walking through it. Once a table is among the old objects, which only a full collection
 * looks at, it keeps all later ones alive, and each of these the requests that were in it: 3.5 KB of every request became
 * old, and a collection of young objects took 8 ms instead of 1.
 * @returns a function to join the line, which returns one to leave it
 */
export function waitingLine<T>(ms: number, late: (waiting: T) => void): (waiting: T) => () => void {
  const nobody = { deadline: Number.POSITIVE_INFINITY } as Place<T>
  nobody.before = nobody.after = nobody
  let isWatched = false
  const watch = (delay: number) => {
    isWatched = true
    setTimeout(look, delay).unref()
  }
  const look = () => {
    isWatched = false
    while (nobody.after !== nobody) {
      const first = nobody.after
      const remaining = first.deadline - performance.now()
      if (remaining > 0) return watch(remaining)
      leave(first)
      late(first.waiting)
    }
  }
  const leave = (place: Place<T>) => {
    place.before.after = place.after
    place.after.before = place.before
    place.before = place.after = place // so that to leave again does nothing
  }
  return (waiting) => {
    const place = { before: nobody.before, after: nobody, waiting, deadline: performance.now() + ms }
    place.before.after = place
    nobody.before = place
    if (!isWatched) watch(ms)
    return () => leave(place)
  }
}
