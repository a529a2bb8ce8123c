import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OurProcess, startOurs } from '../ours.ts'
import type { Stage } from '../stage.ts'
import type { Work } from '../work.ts'

/** Megabytes of a process, shared pages counted by their share (PSS). @throws where there is no /proc */
export function megabytes(pid: number): number {
  const kilobytes = /^Pss: *(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** An API process that nobody has asked anything of yet, three seconds after its start. */
export function memoryAtRest({ ours }: Stage, cpus: string | undefined): Work {
  return {
    name: 'memory at rest, API process',
    unit: 'MB',
    limits: [{ of: 'value', bar: 120, aim: 80 }],
    ours: {
      name: 'ours, memory at rest',
      async measure() {
        const env = { DATABASE_URL: ours.databaseUrl, REDIS_URL: ours.redisUrl ?? '' }
        const api: OurProcess = await startOurs('api', { env, cpus })
        await sleep(3000)
        const value = megabytes(api.pid)
        await api.stop()
        return { value }
      },
    },
  }
}

/** The process that has had the bench's whole load. Whether it grows for ever takes longer to see: `bench/soak.ts`. */
export function memoryAfterLoad({ ours }: Stage): Work {
  const measure = async () => ({ value: megabytes(ours.pid) })
  return { name: 'memory after this load, API process', unit: 'MB', ours: { name: 'ours, memory after load', measure } }
}
