import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Role } from '../src/config.ts'
import { end } from './end.ts'
import { ownPort } from './own-port.ts'
import { until } from './until.ts'

/** Settings of a shop that is not about limits: any free port, no limit, and time for a slow machine. */
export const defaults: Record<string, string> = {
  PORT: '0',
  DASHBOARD_PORT: '0',
  RATE_LIMIT: 'off',
  REQUEST_TIMEOUT: '60000',
  LOG_LEVEL: 'warn',
}

export interface ShopProcess {
  url: string
  dashboard: string
  child: ChildProcess
  /** All it has written so far. */
  output(): string
  /** Sends a signal and waits for the end; returns exit code or signal. */
  end(signal: NodeJS.Signals): Promise<number | string | null>
}

/** A shop as a process of its own, as `node src/main.ts <role>`, ready when it says so. `env` replaces ours. */
export async function spawnShop(role: Role, env: Record<string, string>, script = 'src/main.ts'): Promise<ShopProcess> {
  const main = join(import.meta.dirname, '..', script)
  const given: Record<string, string> = { ...defaults, LOG_LEVEL: 'info', ...env }
  if (given.PORT === '0') given.PORT = String(await ownPort())
  if (given.DASHBOARD_PORT === '0') given.DASHBOARD_PORT = String(await ownPort())
  const child = spawn(process.execPath, [main, role], { env: { PATH: process.env.PATH ?? '', ...given } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await until(() => child.exitCode !== null || child.signalCode !== null || output.includes('the shop is open')).catch(
    (error) => {
      child.kill('SIGKILL')
      throw new Error(`the shop did not open:\n${output}`, { cause: error })
    },
  )
  if (!output.includes('the shop is open'))
    throw new Error(`the shop ended with ${child.exitCode ?? child.signalCode}:\n${output}`)
  return {
    url: `http://127.0.0.1:${given.PORT}`,
    dashboard: `http://127.0.0.1:${given.DASHBOARD_PORT}`,
    child,
    output: () => output,
    end: (signal) => end(child, signal),
  }
}
