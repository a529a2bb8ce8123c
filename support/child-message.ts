import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** The first message of a forked process. @throws when it ends without one */
export async function messageOf<Message>(child: ChildProcess): Promise<Message> {
  const settled = new AbortController()
  try {
    // Not `exit`, which may precede the message; nothing follows `disconnect`.
    const ended = once(child, 'disconnect', settled).then(() => undefined)
    const message = await Promise.race([once(child, 'message', settled), ended])
    if (!message) throw new Error('a forked process ended before it was ready')
    return message[0] as Message
  } finally {
    settled.abort()
  }
}
