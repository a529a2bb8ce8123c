import { fastify } from 'fastify'
import { listAnswer } from './list-answer.ts'

// `node bare-fastify-server.ts PORT`: Fastify with one route that sends the same bytes, and its logger off: no limit, no
// cache, no request ids, no metrics.
const { headers, body } = listAnswer()
const app = fastify({ routerOptions: { ignoreTrailingSlash: true } })
app.get('/products/', async (_request, reply) => reply.headers(headers).send(body))
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
