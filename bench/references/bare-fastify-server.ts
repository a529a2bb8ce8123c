import { fastify, LogController } from 'fastify'
import { pino } from 'pino'
import { listAnswer } from './list-answer.ts'

// `node bare-fastify-server.ts PORT [log]`: Fastify with one route that sends the same bytes: no limit, no cache, no ids, no
// metrics. With `log` it writes a line for each answer, as ours does, gathered before they are written; else none.
const [port, log] = process.argv.slice(2)
const { headers, body } = listAnswer()
const app = fastify({
  routerOptions: { ignoreTrailingSlash: true },
  ...(log && {
    loggerInstance: pino({ base: null }, pino.destination({ sync: false, minLength: 4096 })),
    logController: new LogController({ disableRequestLogging: true }),
  }),
})
if (log)
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    request.log.info({ method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime }, 'request')
    done()
  })
app.get('/products/', async (_request, reply) => reply.headers(headers).send(body))
await app.listen({ port: Number(port), host: '127.0.0.1' })
