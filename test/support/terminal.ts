import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE_MS } from '../../support/until.ts'

const missing = ['bash', 'curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).status !== 0)

/** Why commands of documents can't be typed in here, or undefined: to be given to a test's `skip`. */
export const noTools = missing.length > 0 ? `no ${missing.join(', ')}: apt-get install ${missing.join(' ')}` : undefined
if (noTools && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noTools}`)

interface Options {
  /** What the commands find in the environment beside `PATH` and `HOME`. */
  env: Record<string, string>
  cwd?: string
  /** The address that curl calls from. */
  from?: string
}

/** What one terminal prints for blocks of commands typed in one after the other, without carriage returns. */
export async function typeIn(blocks: string[], { env, cwd, from }: Options): Promise<string[]> {
  const script = blocks.join("\nprintf '\\0'\n")
  const { PATH = '', HOME = '' } = process.env
  const settings = mkdtempSync(join(tmpdir(), 'curl-'))
  writeFileSync(join(settings, '.curlrc'), from ? `interface = ${from}\n` : '')
  const shell = spawn('bash', ['--norc', '-c', script], {
    env: { PATH, HOME, CURL_HOME: settings, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 5 * PATIENCE_MS, // they may grade a shop, or run an experiment
    ...(cwd && { cwd }),
  })
  let output = ''
  shell.stdout.on('data', (chunk) => (output += chunk))
  await once(shell, 'close')
  rmSync(settings, { recursive: true })
  return output.replaceAll('\r', '').split('\0')
}

/** Output without what differs from run to run: times, ids of jobs, process and host. */
export function steady(output: string): string {
  return output
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"(latency_ms|pid|uptime_s|processing_time_ms|ttl)":( ?)[\d.]+/g, '"$1":$2<number>')
    .replaceAll(/"instance":( ?)"[^"]*"/g, '"instance":$1<name>')
    .replaceAll(/\b(dur|ttl)=[\d.]+/g, '$1=<number>')
    .replaceAll(/\b(t=|retry-after: |admitted in )([1-5]\d|60)\b/g, '$1<60>')
    .replaceAll(/etag: (W\/)?"[^"]*"/g, 'etag: <tag>')
    .replaceAll(/ +$/gm, '')
    .trim()
}
