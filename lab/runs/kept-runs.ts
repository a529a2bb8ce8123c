import { existsSync, mkdirSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compile } from '../../src/http/validation.ts'
import type { Logger } from '../../src/log.ts'
import { Run, type RunSummary } from '../protocol/run-schema.ts'

/** Kept runs; beyond this number the oldest is removed. */
const MOST = 50

const isRun = compile(Run)

/**
 * Runs that have ended, one JSON file each, so that they survive a restart and can be copied. A file is written under
 * another name and then renamed, so it is never incomplete.
 */
export function keptRuns(folder: string, log: Logger) {
  const loaded = load()

  return {
    /** Newest first. */
    async list(): Promise<RunSummary[]> {
      return [...(await loaded).values()].sort((a, b) => (a.started_at < b.started_at ? 1 : -1))
    },

    async find(run_id: string): Promise<Run | undefined> {
      return (await loaded).has(run_id) ? read(`${run_id}.json`) : undefined
    },

    async keep(run: Run): Promise<void> {
      const runs = await loaded
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
      const file = join(folder, `${run.run_id}.json`)
      await writeFile(`${file}.new`, JSON.stringify(run))
      await rename(`${file}.new`, file)
      runs.set(run.run_id, summaryOf(run))
      for (const { run_id } of (await this.list()).slice(MOST)) await this.forget(run_id)
    },

    /** Returns false when there is no such run. */
    async forget(run_id: string): Promise<boolean> {
      if (!(await loaded).delete(run_id)) return false
      await rm(join(folder, `${run_id}.json`), { force: true })
      return true
    },
  }

  async function load(): Promise<Map<string, RunSummary>> {
    const names = await readdir(folder).catch(() => [])
    const runs = await Promise.all(names.filter((name) => name.endsWith('.json')).map(read))
    return new Map(runs.flatMap((run) => (run ? [[run.run_id, summaryOf(run)]] : [])))
  }

  async function read(name: string): Promise<Run | undefined> {
    try {
      const run: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'))
      if (isRun(run) && name === `${run.run_id}.json`) return run
      log.warn({ file: join(folder, name) }, 'this file is not a run of the lab and is ignored')
    } catch (err) {
      log.warn({ err, file: join(folder, name) }, 'a run of the lab could not be read')
    }
    return undefined
  }
}

export function summaryOf(run: Run): RunSummary {
  const { variants: _, error: __, ...summary } = run
  return summary
}
