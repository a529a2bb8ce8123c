import { pbkdf2Sync } from 'node:crypto'
import { setTimeout as after } from 'node:timers/promises'
import { readConfig } from '../../src/config.ts'
import { createServer } from '../../src/http/server.ts'
import { createLogger } from '../../src/log.ts'

// `node busy-server.ts PORT`: asks a store, so to speak, for a few milliseconds, then computes as many rounds as the path
// says, of a fraction of a microsecond each, and sheds load.
const config = { ...readConfig({}), REQUEST_TIMEOUT: 600_000 } // longer than anybody waits here
const app = await createServer(config, createLogger('info'), new AbortController().signal, { onShed: () => {} })
app.get('/health/live', { config: { probe: true } }, async () => 'served')
app.get('/:rounds', { config: { unlimited: true } }, async (request) => {
  const { rounds } = request.params as { rounds: string }
  await after(5)
  if (Number(rounds) > 0) pbkdf2Sync('', '', Number(rounds), 32, 'sha256')
  return 'served'
})
// A machine that is busy may take longer than that to bring a crowd's requests.
Object.assign(app.server, { headersTimeout: 0, requestTimeout: 0 })
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 })
