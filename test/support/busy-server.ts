import { pbkdf2Sync } from 'node:crypto'
import { createServer } from 'node:http'
import { shedLoad } from '../../src/http/load-shedding.ts'
import { createLogger } from '../../src/log.ts'

// `node busy-server.ts PORT`: asks a store, so to speak, for a few milliseconds, then computes as many rounds as the path
// says, of a fraction of a microsecond each, and sheds load.
const server = createServer(({ url = '' }, response) => {
  const rounds = Number(url.slice(1))
  setTimeout(() => {
    if (rounds > 0) pbkdf2Sync('', '', rounds, 32, 'sha256')
    response.end('served')
  }, 5)
})
shedLoad(server, { log: createLogger('info'), onShed: () => {} })
server.keepAliveTimeout = 75_000 // longer than anybody waits here
server.listen(Number(process.argv[2]), '127.0.0.1', 4096)
