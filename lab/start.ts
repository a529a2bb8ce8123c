import { type Config, readSettings } from '../src/config.ts'
import { run } from '../src/main.ts'
import { labSettings } from './lab-settings.ts'

// node lab/start.ts [role], which is `npm start`: the shop, and in the role `all` the lab beside it.
const role = process.argv[2] ?? 'all'

await run(role, async ({ DATABASE_URL }: Config) => {
  const { LAB = DATABASE_URL ? 'off' : 'on' } = readSettings(labSettings, process.env)
  if (role !== 'all' || LAB === 'off') return []
  const { lab } = await import('./lab.ts')
  return [lab]
})
