import { openProxy } from '../../lab/sandbox/proxy.ts'

/**
 * A TCP proxy that can lose answers: from the moment a client's bytes contain `text`, what the server says on that
 * connection is kept back. The request has arrived, and nobody hears of it. Or it loses the request, and all after it.
 */
export async function lossyProxy(target: string) {
  const proxy = await openProxy(target)
  const lose = (text: string, what: 'answers' | 'requests') =>
    new Promise<void>((lost) => {
      proxy.onRequest = (bytes, connection) => {
        if (!bytes.includes(text)) return
        connection.deafen()
        if (what === 'requests') connection.mute()
        lost()
      }
    })
  return {
    port: proxy.port,
    /** Resolves when such a request has come by. */
    loseAnswersTo: (text: string) => lose(text, 'answers'),
    /** Resolves when such a request was about to come by. */
    loseRequestsWith: (text: string) => lose(text, 'requests'),
    /** Loses no more; a connection that lost something stays as it is. */
    heal() {
      proxy.onRequest = () => {}
    },
    close: proxy.close,
  }
}
