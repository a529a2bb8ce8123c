import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')

/** Why there is no Docker to test with, or undefined: to be given to a test's `skip`, so that it is said loudly. */
export const noEngine = engineFault()
if (noEngine && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noEngine}`)

function engineFault(): string | undefined {
  if (spawnSync('docker', ['info']).status !== 0)
    return 'no Docker engine that answers: install Docker (https://docs.docker.com/engine/install), start it, and see `docker info` succeed'
  if (spawnSync('docker', ['compose', 'version']).status !== 0)
    return 'no `docker compose`: install the plug-in docker-compose-plugin'
  return undefined
}

const run = promisify(execFile)

/** Runs docker and returns what it printed. @throws with what it complained of */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { cwd: root })).stdout.trim()
}

/** compose.yaml as a project of its own, on ports of its own, with a password that nobody else has. */
export function composeProject(ports: { shop: number; dashboard: number }) {
  const name = `shop-test-${process.pid}`
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    SHOP_PORT: String(ports.shop),
    DASHBOARD_PORT: String(ports.dashboard),
    POSTGRES_PASSWORD: randomBytes(24).toString('hex'),
  }
  const compose = async (...args: string[]) => {
    const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024 }
    return (await run('docker', ['compose', '-p', name, ...args], options)).stdout.trim()
  }
  return {
    /** Runs one of our scripts, which finds the project in its environment. */
    sh: (script: string) => run('sh', [join(root, script)], { cwd: root, env: { ...env, COMPOSE_PROJECT_NAME: name } }),
    /** Runs a document's commands in an empty folder, which it returns; Compose finds the project in its environment. */
    async bash(script: string, cwd: string): Promise<string> {
      const found = { COMPOSE_PROJECT_NAME: name, COMPOSE_FILE: join(root, 'compose.yaml') }
      const options = { cwd, env: { ...env, ...found }, maxBuffer: 64 * 1024 * 1024 }
      const { stdout, stderr } = await run('bash', ['-euo', 'pipefail', '-c', script], options)
      return stdout + stderr
    },
    /** Starts what is not running as these settings ask, and returns once all of it is healthy. */
    async up(settings: Record<string, string> = {}) {
      Object.assign(env, settings)
      await compose('up', '-d', '--wait')
    },
    /** The running containers of a service. */
    containers: async (service: string) => (await compose('ps', '-q', service)).split('\n').filter(Boolean),
    /** The rows of a query, a line each, columns separated by `|`. */
    query: async (sql: string) =>
      (await compose('exec', '-T', 'postgres', 'psql', '-U', 'shop', '-d', 'shop', '-Atc', sql)).split('\n'),
    /** Runs a script in a container of the image, which has an address of its own beside nginx. */
    client: (script: string) =>
      docker('run', '--rm', '--network', `${name}_front`, '--entrypoint', 'node', 'ut3-tfu-api:latest', '-e', script),
    /** Removes containers, networks and volumes. */
    down: () => compose('down', '-v', '--remove-orphans', '-t', '5'),
  }
}
export type ComposeProject = ReturnType<typeof composeProject>
