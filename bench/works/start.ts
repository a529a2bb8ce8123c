import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/db/embedded/free-port.ts'
import { compileCache } from '../ours.ts'
import type { Stage } from '../stage.ts'
import type { Work } from '../work.ts'

/** Milliseconds from the start of an API process to its first ready, with the stores there and everything warm. */
export function startToReady({ ours }: Stage, cpus: string | undefined): Work {
  return {
    name: 'start to ready',
    unit: 'ms',
    limits: [{ of: 'value', bar: 2000, aim: 700 }],
    ours: {
      name: 'ours, start to ready',
      async measure() {
        const port = await freePort()
        const pin = cpus === undefined ? [] : ['taskset', '-c', cpus]
        const main = join(import.meta.dirname, '../../src/main.ts')
        const [program = '', ...args] = [...pin, process.execPath, main, 'api']
        const stores = { DATABASE_URL: ours.databaseUrl, REDIS_URL: ours.redisUrl }
        const env = { ...compileCache, ...stores, PORT: `${port}`, LOG_LEVEL: 'warn' }
        const start = performance.now()
        const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' })
        const exited = once(child, 'exit')
        try {
          for (;;) {
            const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined)
            if (ready?.ok) return { value: performance.now() - start }
            if (performance.now() - start > 30_000) throw new Error('not ready within 30 s')
            await sleep(5)
          }
        } finally {
          child.kill()
          await exited
        }
      },
    },
  }
}
