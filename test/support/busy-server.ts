import { createServer } from 'node:http'
import { shedLoad } from '../../src/load-shedding.ts'
import { createLogger } from '../../src/log.ts'

// `node busy-server.ts PORT MS`: works MS milliseconds for each request, and sheds load.
const [port, ms] = process.argv.slice(2).map(Number)
const server = createServer((_request, response) => {
  for (const end = performance.now() + (ms ?? 0); performance.now() < end; );
  response.end('served')
})
shedLoad(server, { log: createLogger('info'), onShed: () => {} })
server.listen(port, '127.0.0.1')
