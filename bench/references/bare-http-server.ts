import { createServer } from 'node:http'
import { listAnswer } from './list-answer.ts'

// `node bare-http-server.ts PORT`: the least that Node can do to send the same bytes, as the floor under all others.
const { headers, body } = listAnswer()
createServer((_request, response) => response.writeHead(200, headers).end(body)).listen(
  Number(process.argv[2]),
  '127.0.0.1',
)
