// @ts-check
import { useEffect, useState } from 'preact/hooks'

/**
 * The answer of the server to a question of the API, once it is there; `load` asks again.
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {{ value?: T, error?: Error, load: () => Promise<void> }}
 */
export function useAnswer(ask) {
  const [answer, setAnswer] = useState(/** @type {{ value?: T, error?: Error }} */ ({}))
  const load = () =>
    ask().then(
      (value) => setAnswer({ value }),
      (error) => setAnswer({ error }),
    )
  useEffect(() => void load(), [])
  return { ...answer, load }
}
