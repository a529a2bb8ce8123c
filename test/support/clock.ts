import { globSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const library = process.env.LIBFAKETIME ?? globSync('/usr/lib/*/faketime/libfaketime.so.1')[0]

/** Why there is no clock to set in tests, or undefined. */
export const noClock = library
  ? undefined
  : 'no libfaketime: apt-get install faketime, or set LIBFAKETIME to its libfaketime.so.1'
if (noClock && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noClock}`)

/**
 * A wall clock that can be set while processes run by it: those that are started with its `env`. Their monotonic clock
 * goes on, as it does when the clock of a machine is set.
 */
export function settableClock() {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'))
  const file = join(folder, 'offset')
  /** Seconds from the true time. */
  const set = (offset: number) => {
    writeFileSync(`${file}.new`, `${offset < 0 ? '' : '+'}${offset}`)
    renameSync(`${file}.new`, file)
  }
  set(0)
  const env = {
    // Redis' jemalloc asks for the time while libfaketime is being loaded, for ever: libc's malloc takes its place.
    LD_PRELOAD: `${library} libc.so.6`,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  return {
    set,
    env,
    /** Starts a server that runs by it. */
    async by<T>(start: () => Promise<T>): Promise<T> {
      Object.assign(process.env, env)
      try {
        return await start()
      } finally {
        for (const name of Object.keys(env)) delete process.env[name]
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
