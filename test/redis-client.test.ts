import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { RedisClient } from '../src/redis/redis-client.ts'
import { noRedis, type Server, startRedis } from '../support/servers.ts'
import { until } from '../support/until.ts'

type Scripted = RedisClient & Record<'twice' | 'fail', (...args: unknown[]) => Promise<unknown>>

/** What the driver promises of its commands, also of those whose functions are ours. */
describe('a connection whose commands stay young', { skip: noRedis }, () => {
  let server: Server
  let redis: Scripted
  const asked = async (command: string) => {
    const commands = await redis.info('commandstats')
    return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(commands)?.[1] ?? 0)
  }

  before(async () => {
    server = await startRedis()
    redis = new RedisClient(server.url) as Scripted
    redis.defineCommand('twice', { numberOfKeys: 1, lua: "return { redis.call('GET', KEYS[1]), ARGV[1] * 2 }" })
    redis.defineCommand('fail', { numberOfKeys: 0, lua: "return redis.error_reply('MINE it failed')" })
  })
  after(async () => {
    redis.disconnect()
    await server.stop()
  })

  test('takes arguments of all kinds, and answers text, bytes and objects', async () => {
    assert.equal(await redis.set('key', 'ñandú', 'PX', 60_000), 'OK')
    assert.equal(await redis.get('key'), 'ñandú')
    assert.deepEqual(await redis.getBuffer('key'), Buffer.from('ñandú'))
    await redis.hset('object', { a: 1, b: Buffer.from('two') })
    assert.deepEqual(await redis.hgetall('object'), { a: '1', b: 'two' })
    await redis.mset(new Map([['x', '1']]))
    assert.deepEqual(await redis.mget('x', 'key'), ['1', 'ñandú'])
  })

  test('an error is rejected, and is told to a callback', async () => {
    await redis.set('text', 'text')
    await assert.rejects(redis.incr('text'), /not an integer/)
    const told = await new Promise((resolve) => redis.incr('text', resolve))
    assert.match(String(told), /not an integer/)
  })

  test('a script is sent once, and again when Redis has forgotten it', async () => {
    await redis.set('key', 'value')
    const before = { eval: await asked('eval'), evalsha: await asked('evalsha') }
    for (const n of [1, 2, 3]) assert.deepEqual(await redis.twice('key', n), ['value', 2 * n])
    assert.deepEqual([await asked('eval'), await asked('evalsha')], [before.eval + 1, before.evalsha + 2])
    await redis.script('FLUSH')
    assert.deepEqual(await redis.twice('key', 4), ['value', 8])
    assert.deepEqual(await redis.twice('key', 5), ['value', 10])
    assert.equal(await asked('eval'), before.eval + 2)
    await assert.rejects(redis.fail(), /MINE it failed/)
  })

  test('the same within a transaction', async () => {
    const results = await redis.multi().set('key', 'other').get('key').exec()
    assert.deepEqual(results, [
      [null, 'OK'],
      [null, 'other'],
    ])
    const pipeline = redis.pipeline().incr('text') as unknown as Scripted & {
      exec(): Promise<[Error | null, unknown][]>
    }
    pipeline.twice('key', 6)
    const [[failed] = [], [, doubled] = []] = (await pipeline.exec()) ?? []
    assert.match(String(failed), /not an integer/)
    assert.deepEqual(doubled, ['other', 12])
  })

  test('a command without an answer is rejected when the connection ends', async () => {
    const other = new RedisClient(server.url)
    const waits = other.blpop('nothing', 0)
    await until(async () => (await redis.info('clients')).includes('blocked_clients:1'))
    other.disconnect()
    await assert.rejects(waits, /closed/)
  })
})
