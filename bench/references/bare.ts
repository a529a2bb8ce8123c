import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/db/embedded/free-port.ts'
import { type Process, startProcess } from '../process.ts'

export interface Bare extends Process {
  url: string
}

/** Set anew by Node for each answer. */
const hopByHop = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

/** A bare server that sends, for whatever is asked, the bytes that ours sends for `GET /products/`. */
export async function startBare(
  kind: 'http' | 'fastify' | 'fastify with its log',
  ours: string,
  cpus: string | undefined,
): Promise<Bare> {
  await (await fetch(`${ours}/products/`)).text() // so that the next is a hit
  const answer = await fetch(`${ours}/products/`)
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => !hopByHop.has(name)))
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const file = join(folder, 'answer.json')
  writeFileSync(file, JSON.stringify({ headers, body: await answer.text() }))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await startProcess({
    command: [
      process.execPath,
      join(import.meta.dirname, `bare-${kind === 'http' ? 'http' : 'fastify'}-server.ts`),
      `${port}`,
      ...(kind === 'fastify with its log' ? ['log'] : []),
    ],
    env: { LIST_ANSWER: file },
    log: join(folder, 'log'),
    cpus,
    ready: async () => (await fetch(`${url}/products/`)).ok,
  })
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...server, url, stop }
}
