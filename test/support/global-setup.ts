import { existsSync, rmSync, statfsSync } from 'node:fs'
import { createTemplate } from '../../support/servers.ts'

/** A file system in memory, on Linux, and how many bytes of it the servers of a run may take, with a margin. */
const MEMORY = '/dev/shm'
const ROOM = 2 * 2 ** 30

let template: string | undefined

/**
 * Once for the whole run: the data folder that every test's PostgreSQL is a copy of. Where there is room the copies are in
 * memory: tests ask what survives the end of a process, not of the machine, and to copy takes longer than all else of a
 * start.
 */
export async function globalSetup(): Promise<void> {
  if (existsSync(MEMORY) && bytesFree(MEMORY) > ROOM) process.env.TEST_SERVER_FOLDERS = MEMORY
  template = await createTemplate()
}

export async function globalTeardown(): Promise<void> {
  if (template) rmSync(template, { recursive: true, force: true })
}

function bytesFree(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}
