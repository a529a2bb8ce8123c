/** An answer with its body read: `json` is the parsed body, or undefined when it is not JSON. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: the tests assert what is in it
  json: any
}

/** Sends a request; a `body` that is not a string goes as JSON. */
export async function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body } = options
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? JSON.parse(text) : undefined,
  }
}

/** The state of an accepted order once it is final, within 30 s. */
export async function settled(url: string, accepted: Answer) {
  const answer = await send(url + accepted.json.status_url, { headers: { prefer: 'wait=30' } })
  return answer.json
}
