/** Reads server-sent events as they come; `end` leaves, and `ended` resolves when the stream has ended. */
export async function listen(url: string) {
  const leaving = new AbortController()
  const response = await fetch(url, { signal: leaving.signal })
  if (!response.ok || !response.body) throw new Error(`${url} is answered ${response.status}: ${await response.text()}`)
  const events: { name: string; data: unknown }[] = []
  const read = async (body: ReadableStream<Uint8Array>) => {
    let text = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? []
        if (name && data) events.push({ name, data: JSON.parse(data) as unknown })
      }
    }
  }
  const ended = read(response.body).catch(() => {})
  return { events, ended, end: () => leaving.abort() }
}
