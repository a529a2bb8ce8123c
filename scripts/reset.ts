import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '../src/config.ts'
import { startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts'
import { runningServer } from '../src/db/embedded/postmaster.ts'
import { createLogger } from '../src/log.ts'

// `npm run reset`: empties the embedded database, after asking; `npm run reset -- --yes` does not ask.
try {
  const { values } = parseArgs({ options: { yes: { type: 'boolean', short: 'y', default: false } } })
  console.log(await reset(readConfig(process.env), values.yes))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function reset({ DATABASE_URL, DATA_DIR, REDIS_URL }: Config, yes: boolean): Promise<string> {
  if (DATABASE_URL)
    throw new Error('DATABASE_URL is set: reset empties the embedded database only, and leaves that one to you')
  const home = resolve(DATA_DIR)
  const cluster = join(home, 'postgres')
  if (!existsSync(cluster)) return `There is no data in ${home}; nothing to empty.`
  if (!yes && !(await confirmed(`Remove every product, customer and order in ${home}? [y/N] `)))
    return 'Nothing was removed.'

  // One that a killed shop left behind is adopted and stopped; one that a shop runs on is refused.
  if (runningServer(cluster)) await (await startEmbeddedPostgres(DATA_DIR, createLogger('silent'))).stop()

  // Renamed first: if this is killed half way, the next start sees no cluster, and sweeps what is left under this name.
  renameSync(cluster, join(home, `postgres.init-${process.pid}`))
  for (const name of readdirSync(home)) {
    if (/^(postgres\.init-.*|postgres\.log|password)$/.test(name)) rmSync(join(home, name), { recursive: true })
  }
  const redis = REDIS_URL ? ' Redis at REDIS_URL was left as it is: cache, limits, and orders still queued.' : ''
  return `${home} is empty; the next start makes a new database.${redis}`
}

/** Asks on the terminal. @throws when there is none */
async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('Nobody to ask: add -- --yes to empty the data without a question')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}
