import { parseArgs } from 'node:util'

/** What `--plant` puts in the place of a part of the shop's, by what the auditor then finds. */
export const plants = {
  lost: 'naive/enqueue-later.ts',
  doubled: 'naive/check-then-act.ts',
  oversold: 'naive/read-then-write.ts',
  stale: 'naive/cache-per-process.ts',
  'restocked-twice': 'naive/restock-then-mark.ts',
} as const
export type Plant = keyof typeof plants
export const plantNames = Object.keys(plants) as Plant[]

export interface Options {
  seed: number
  /** How long clients are at work. */
  seconds: number
  clients: number
  /** Orders a second the clients aim at together. */
  rate: number
  apis: number
  workers: number
  /** Seconds between two disturbances, on average. */
  every: number
  /** Break the system on purpose. */
  plant: Plant | undefined
  /** Audit the shop that is there instead of starting one; nothing is killed. */
  target: string | undefined
  /** Where the report goes as JSON. */
  json: string | undefined
}

export const usage = `npm run chaos -- [options]
  --seconds 60    how long the clients work
  --seed 42       what is killed when, and what each client does; the same seed gives the same schedule
  --rate 250      target of all clients together, in orders a second
  --clients 32    concurrent clients
  --every 4       mean seconds between two disturbances
  --apis 3        API processes
  --workers 3     worker processes
  --plant NAME    plants a defect: ${plantNames.join(', ')}
  --target URL    audits a running shop over HTTP alone; nothing is killed. Its RATE_LIMIT must be off
  --json FILE     the report with schedule, timeline, counts and violations`

/** Reads the command line. @throws TypeError that names what was expected and what came */
export function readOptions(args: string[]): Options {
  const text = { type: 'string' } as const
  const names = ['seconds', 'seed', 'rate', 'clients', 'every', 'apis', 'workers', 'plant', 'target', 'json'] as const
  const { values } = parseArgs({ args, options: Object.fromEntries(names.map((name) => [name, text])) }) as {
    values: Partial<Record<(typeof names)[number], string>>
  }
  const positive = (name: 'seconds' | 'rate' | 'clients' | 'every' | 'apis' | 'workers', otherwise: number): number => {
    const value = Number(values[name] ?? otherwise)
    if (!(value > 0)) throw new TypeError(`--${name}: expected a number above 0, got ${values[name]}`)
    return value
  }
  const seed = Number(values.seed ?? 42)
  if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed: expected a whole number, got ${values.seed}`)
  const plant = plantNames.find((name) => name === values.plant)
  if (values.plant !== undefined && !plant)
    throw new TypeError(`--plant: expected one of ${plantNames.join(', ')}, got ${values.plant}`)
  if (plant && values.target) throw new TypeError('--plant: only a shop that this command starts can be broken')
  return {
    seed,
    seconds: positive('seconds', 60),
    clients: positive('clients', 32),
    rate: positive('rate', 250),
    every: positive('every', 4),
    apis: positive('apis', 3),
    workers: positive('workers', 3),
    plant,
    target: values.target?.replace(/\/$/, ''),
    json: values.json,
  }
}
