import { createServer } from 'node:net'
import { freePort } from '../src/db/embedded/free-port.ts'

/**
 * A free port that, on Linux, no other test process is given while this one lives: test files run at once, and seconds
 * may pass before anybody listens there.
 */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (process.platform !== 'linux' || (await reserve(port))) return port
  }
}

/** By a name of the kernel's, which it takes back when the process ends. */
function reserve(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const mark = createServer().once('error', () => settle(false))
    mark.listen({ path: `\0own-port-${port}` }, () => settle(true)).unref()
  })
}
