import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Runs `npm run lab` with these arguments; what it needs temporarily is in that folder. */
export function spawnLab(args: readonly string[], temporary: string) {
  const main = join(import.meta.dirname, '../../lab/lab.cli.ts')
  const env = { PATH: process.env.PATH ?? '', TMPDIR: temporary }
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (output.out += chunk))
  child.stderr.on('data', (chunk) => (output.err += chunk))
  return { child, output, ended: once(child, 'close') as Promise<[number | null, string | null]> }
}
