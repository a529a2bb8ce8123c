import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/**
 * A backup is a gzipped text of JSON lines. The first line is the {@link Header}. A line that is a JSON string names the
 * section whose rows follow, a JSON object each: the tables in an order in which they can be filled, then `queue`, then
 * `totals`, which tell what must be there when all is restored. Without that last section it is no backup.
 */
export interface Header {
  format: 'mini-ecommerce-api backup'
  version: 1
  taken_at: string
  /** The files that had been applied to the schema. */
  migrations: string[]
}

/** What a table holds. */
export interface Totals {
  table: string
  rows: number
  /** The sum of a hash of every row, so that it does not depend on their order. */
  checksum: string
  /** The last id that was given out, also if its row is gone; null where ids are not given out by PostgreSQL. */
  last_id: number | null
}

/** An accepted order that the queue still holds. */
export interface QueuedOrder {
  job_id: string
  /** Milliseconds since 1970. */
  accepted_at: number
  /** Put aside after its last attempt. */
  dead: boolean
  data: unknown
}

/** The file cannot be used, or the place it would be restored to; the message says what to do. */
export class BackupError extends Error {
  override name = 'BackupError'
}

/**
 * Writes lines into a new file, or to standard output where the path is `-`. The file has its name only once it is
 * complete and on disk. @throws BackupError when the name is taken
 */
export async function writeBackup(path: string, lines: AsyncIterable<string>): Promise<void> {
  const text = Readable.from(lines)
  if (path === '-') return pipeline(text, createGzip(), process.stdout, { end: false })
  const draft = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await pipeline(text, createGzip(), createWriteStream(draft, { flags: 'wx', mode: 0o600 }))
    const file = await open(draft)
    await file.sync().finally(() => file.close())
    await link(draft, path) // unlike a rename, it never replaces
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new BackupError(`${path} is there already: name another file`)
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * The lines of a backup, from a file or from standard input (`-`). Split at line feeds only: `readline` also splits at
 * U+2028, which JSON allows within a string and a product may have in its name.
 * @throws BackupError when it is damaged or cut short
 */
export async function* readBackup(path: string): AsyncGenerator<string> {
  const text = new PassThrough({ encoding: 'utf8' })
  const reading = pipeline(path === '-' ? process.stdin : createReadStream(path), createGunzip(), text)
  reading.catch(() => {}) // thrown by the loop, too
  let rest = ''
  try {
    for await (const chunk of text) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new BackupError(`${path} cannot be read as a backup (${code ?? message})`, { cause })
  }
}
