import { rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTemplate } from '../support/servers.ts'
import { divideCores } from './cores.ts'
import { atConnections } from './scale/connections.ts'
import { atDepths } from './scale/queue-depth.ts'
import { atReplicas } from './scale/replicas.ts'
import { atCatalogues, atPasts } from './scale/stored.ts'
import { table } from './scale/table.ts'

// `node bench/scale.ts [--only replicas]`: how what the shop does changes with what there is of it, about four minutes.
const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const cores = divideCores()
const series = [
  { name: 'replicas', what: 'API processes, on two cores with everything else', run: atReplicas },
  { name: 'catalogue', what: 'products', run: atCatalogues },
  { name: 'past', what: 'orders stored', run: atPasts },
  { name: 'connections', what: 'connections, each with a request under way', run: atConnections },
  { name: 'queue', what: 'orders waiting', run: atDepths },
].filter(({ name }) => name.includes(options.only))

const template = await createTemplate()
process.once('exit', () => rmSync(template, { recursive: true, force: true }))
const parts: string[] = []
for (const { name, what, run } of series) {
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${name}`)
  const rows = await run(cores)
  parts.push(`## ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${table(what, rows)}`)
  console.log(`\n${parts.at(-1)}`)
}
if (!options.only) {
  const head = `# How it scales\n\n${new Date().toISOString()}, Node ${process.version}, ${cpus().length} cores; ${cores.note}. [Why it bends](../docs/performance.md#how-it-changes-with-size).`
  writeFileSync(join(import.meta.dirname, 'scale.md'), `${[head, ...parts].join('\n\n')}\n`)
}
