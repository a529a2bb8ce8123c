import autocannon from 'autocannon'

export interface Request {
  method?: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
}

/** One answer to a load. */
interface Shot {
  request: Request
  status: number
  ms: number
}

export interface Load {
  url: string
  connections: number
  /** What is asked: always the same, or a request made anew each time, for each connection by a function of its own. */
  request: Request | (() => () => Request)
  /** Ends after so many seconds, or so many answers, at least one a connection; the latter leaves no request unanswered. */
  seconds?: number
  amount?: number
  /** Requests a second of each connection, at most. */
  rate?: number
  /** Is given each answer. */
  answered(shot: Shot): void
  /** Is given the body of each, before; without it, bodies are not read. */
  read?: (request: Request, status: number, body: string) => void
}

/**
 * Puts load on a server with autocannon, without pipelining: a closed loop, in which each connection sends its next request
 * when it has its answer. Returns how many requests failed or had no answer within ten seconds.
 */
export async function generateLoad({ url, connections, request, answered, read, ...load }: Load): Promise<number> {
  const { seconds = 1, amount, rate } = load
  const { errors } = await autocannon({
    url,
    connections,
    pipelining: 1,
    sampleInt: 100, // how often it looks whether it is over
    ...(amount !== undefined ? { amount: Math.max(amount, connections) } : { duration: seconds }),
    ...(rate !== undefined && { connectionRate: rate }),
    setupClient(client) {
      const next = typeof request === 'function' ? request() : () => request
      let asked = next() // where each is made anew, the first one sent takes its place
      const anew: Pick<autocannon.Request, 'setupRequest'> = {
        setupRequest(own) {
          asked = next()
          return { ...own, ...asked }
        },
      }
      client.setRequests([
        {
          ...(typeof request === 'function' ? anew : request), // what is always the same is made once, and costs less
          ...(read && { onResponse: (status: number, body: string) => read(asked, status, body) }),
        },
      ])
      client.on('response', (status: number, _bytes: number, ms: number) => answered({ request: asked, status, ms }))
    },
  })
  return errors
}
