import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createShutdown } from '../src/shutdown.ts'
import { silent } from '../support/servers.ts'

test('a shutdown closes in reverse order, also after a closer that throws, rejects, or never ends', async () => {
  const closed: string[] = []
  const shutdown = createShutdown(200, silent)
  shutdown.announce(async () => void closed.push('announced'))
  shutdown.defer(() => closed.push('first'))
  shutdown.defer(() => {
    throw new Error('thrown')
  })
  shutdown.defer(() => Promise.reject(new Error('rejected')))
  shutdown.defer(() => new Promise(() => {}))
  shutdown.opened({ close: () => closed.push('last') })
  shutdown.signal.addEventListener('abort', () => closed.push('signalled'))
  await shutdown.run()
  assert.deepEqual(closed, ['signalled', 'announced', 'last', 'first'])
})
