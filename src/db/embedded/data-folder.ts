import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** How PostgreSQL's programs are run, which refuse to run as root. */
export interface Runner {
  /** Put before a command. */
  prefix: string[]
  /** Whom to spawn it as; nothing for the user of this process. */
  identity: { uid?: number; gid?: number }
}

/**
 * Makes the folder, and checks that it can be written. In a user namespace without a mapping, root is nobody to PostgreSQL
 * and still root to the files. Where namespaces are forbidden PostgreSQL really runs as nobody, and is given the folder.
 */
export function prepareFolder(home: string): Runner {
  assertWritable(home)
  if (process.getuid?.() !== 0) return { prefix: [], identity: {} }
  if (spawnSync('unshare', ['--user', 'true']).status === 0) return { prefix: ['unshare', '--user'], identity: {} }
  const nobody = { uid: 65534, gid: 65534 }
  chownSync(home, nobody.uid, nobody.gid)
  return { prefix: [], identity: nobody }
}

function assertWritable(home: string): void {
  try {
    makeFolder(home)
    const probe = join(home, `.writable-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    throw new EmbeddedPostgresError(
      `${home} cannot be written (${(error as NodeJS.ErrnoException).code}): give this user the folder, or set DATA_DIR to another`,
    )
  }
}

/** Node's own recursive mkdir never returns where a parent cannot be made and says ENOENT, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** The password of the database, which is kept beside it, in a file of the folder's owner. */
export function readOrCreatePassword(home: string): string {
  const file = join(home, 'password')
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600, flag: 'wx' })
    const { uid, gid } = statSync(home)
    if (uid !== statSync(file).uid) chownSync(file, uid, gid)
  }
  return readFileSync(file, 'utf8').trim()
}
