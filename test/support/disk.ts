import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../support/until.ts'

/** Runs a command as root, if this user is it or may become it without being asked; tells whether it succeeded. */
function asRoot(...command: string[]): boolean {
  const [program = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command]
  return spawnSync(program, args).status === 0
}

/** A file system of a test's own, small enough to fill; undefined for a user who can't make one. */
export function smallDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  const ballast = join(folder, 'ballast')
  if (!asRoot('mount', '-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder)) {
    rmSync(folder, { recursive: true })
    return undefined
  }
  return {
    folder,
    /** Puts all that is left into a file, but for `spare` bytes. */
    fill(spare = 0) {
      const { bavail, bsize } = statfsSync(folder)
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize - spare))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error // another wrote meanwhile: it is full
      }
    },
    empty: () => rmSync(ballast),
    async remove() {
      await until(() => asRoot('umount', folder))
      rmSync(folder, { recursive: true })
    },
  }
}

const probe = smallDisk()
await probe?.remove()
/** Why there is no disk to fill, or undefined. */
export const noDisk = probe ? undefined : 'no file system to fill: run the tests as root, or as a user who may sudo'
if (noDisk && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noDisk}`)
