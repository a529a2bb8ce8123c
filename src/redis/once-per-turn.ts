/**
 * Lets the calls of one turn of the event loop share one run of `work`. The run starts when the turn's input has been read,
 * after every call that shares it, so each call gets an answer as fresh as its own would be. Under load a turn brings many
 * requests, and one question to a store answers them all. A request that comes alone waits no longer than before.
 */
export function oncePerTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined
  return () => {
    shared ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      shared = undefined
      return work()
    })
    return shared
  }
}
