import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepareFolder, type Runner, readOrCreatePassword } from './data-folder.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { locatePrograms } from './postgres-package.ts'

/** A database on disk ("cluster" is PostgreSQL's word for it), and what it takes to run it. */
export interface Cluster {
  /** The folder of the shop's data. */
  home: string
  /** That of PostgreSQL's, in it. */
  data: string
  /** Where PostgreSQL's programs are. */
  programs: string
  runner: Runner
  password: string
}

/** Opens the cluster of a folder, and makes it at first. */
export function openCluster(home: string): Cluster {
  const programs = locatePrograms()
  const runner = prepareFolder(home)
  const password = readOrCreatePassword(home)
  const cluster = { home, data: join(home, 'postgres'), programs, runner, password }
  if (!existsSync(cluster.data)) initialize(cluster)
  return cluster
}

/** Makes the cluster beside its place and renames it, so a start that is killed here leaves no half of one. */
function initialize(cluster: Cluster): void {
  const { home, data } = cluster
  for (const name of readdirSync(home))
    if (name.startsWith('postgres.init-')) rmSync(join(home, name), { recursive: true })
  const draft = join(home, `postgres.init-${process.pid}`)
  const { command, args, options } = commandOf(cluster, 'initdb', [
    ...['-D', draft, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${join(home, 'password')}`, '-E', 'UTF8'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ])
  const { status, stderr, error } = spawnSync(command, args, { ...options, encoding: 'utf8' })
  try {
    if (status !== 0)
      throw new EmbeddedPostgresError(`PostgreSQL could not prepare ${home}:\n${error?.message ?? stderr.trim()}`)
    renameSync(draft, data)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (status !== 0 || !existsSync(data)) throw error // else another start was faster, and the lock tells whose it is
  }
}

/** One of PostgreSQL's programs as it has to be spawned. Variables of the user's shell must not redirect it. */
export function commandOf({ home, programs, runner }: Cluster, program: string, args: string[]) {
  const [command = '', ...rest] = [...runner.prefix, join(programs, program), ...args]
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')))
  return { command, args: rest, options: { cwd: home, env, ...runner.identity } }
}
