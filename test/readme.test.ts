import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { send } from '../support/http.ts'
import { copyData, noRedis, type Server, startPostgres, startRedis } from '../support/servers.ts'
import { spawnShop } from '../support/shop-process.ts'
import { until } from '../support/until.ts'
import { readSections, type Section, withoutComments } from './support/markdown.ts'
import { noTools, steady, typeIn } from './support/terminal.ts'

const oneByOne = { concurrency: 1 }

/** The shop's homes: which of the two variables are set. */
const homes = [
  { database: false, redis: false },
  { database: true, redis: false },
  { database: false, redis: true },
  { database: true, redis: true },
]
const nameOf = ({ database, redis }: Home) =>
  [database && 'DATABASE_URL', redis && 'REDIS_URL'].filter(Boolean).join(' and ') || 'nothing set'
type Home = (typeof homes)[number]

/**
 * The documents describe a machine that is not stalled: where Redis takes over 100 ms to answer, the shop passes it by, as
 * it should, and a read is not from the cache. So what fails is tried once more, from the start.
 */
async function twice(attempt: () => Promise<void>): Promise<void> {
  await attempt().catch(attempt)
}

/** A shop of one home, on servers and data of its own. */
async function withShop(home: Home, use: (url: string) => Promise<void>): Promise<void> {
  const servers: Server[] = []
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'readme-'))
  try {
    const env: Record<string, string> = { DATA_DIR, RATE_LIMIT: '10/minute' }
    if (home.database) servers.push(await startPostgres())
    else await copyData(DATA_DIR)
    if (home.database) env.DATABASE_URL = servers[0]?.url ?? ''
    if (home.redis) {
      const redis = await startRedis('--appendfsync', 'no')
      servers.push(redis)
      env.REDIS_URL = redis.url
    }
    const shop = await spawnShop('all', env)
    try {
      await until(async () => (await send(`${shop.url}/health`)).json.status === 'ok')
      await use(shop.url)
    } finally {
      await shop.end('SIGTERM')
    }
  } finally {
    for (const server of servers) await server.stop()
    rmSync(DATA_DIR, { recursive: true, force: true })
  }
}

/**
 * Types the commands of one section after the other into a terminal, as the reader does, and checks what each printed.
 * Before a section the reader waits until nothing is counted against the limit; to call from elsewhere is as good.
 */
async function follow(sections: Section[], url: string, check: (section: Section, printed: string[]) => void) {
  for (const [index, section] of sections.entries()) {
    const commands = section.blocks.map(({ code }) => code)
    const printed = await typeIn(commands, { env: { BASE: url }, from: `127.0.0.${index + 2}` })
    try {
      check(section, printed)
    } catch (cause) {
      throw new Error(`under ${section.heading}`, { cause })
    }
  }
}

/** What the original README says of each section's commands. */
const promises: Record<string, (output: string) => void> = {
  'Health endpoint monitoring'(output) {
    const [health, ready] = output.split('HTTP/1.1 ')
    assert.match(health ?? '', /^\{"status":"ok".*\}\{"status":"ok"\}$/)
    assert.match(ready ?? '', /^200 OK\n/)
    const answers = [...output.matchAll(/^\{?.*("instance":"[^"]+","pid":\d+)/gm)].map((match) => match[1])
    assert.equal(answers.length, 6)
    assert.equal(new Set(answers).size, 1)
  },
  'Rate limiting'(output) {
    const codes = [...output.matchAll(/^(\d+): (\d+)$/gm)].map((match) => match[2])
    assert.deepEqual(codes, [...Array(10).fill('200'), '429', '429'])
    const [, details = ''] = output.split('HTTP/1.1 ')
    assert.match(details, /^429 Too Many Requests\n/)
    assert.match(details, /^retry-after: ([1-5]?\d|60)$/m)
    assert.equal(JSON.parse(details.split('\n\n')[1] ?? '').code, 'rate_limited')
  },
  'Cache-aside'(output) {
    const [product, rest = ''] = output.split(/(?<=^\})\n/m)
    assert.partialDeepStrictEqual(JSON.parse(product ?? ''), { name: 'Laptop', price: 1200, stock: 5 })
    const [firstFrom, firstTime, secondFrom, secondTime] = rest.split('\n')
    assert.deepEqual([firstFrom, secondFrom], ['false', 'true'])
    for (const time of [firstTime, secondTime]) assert.ok(Number(time) > 0, `${time} ms`)
    const cached = JSON.parse(output.slice(output.indexOf('{\n  "store"')))
    assert.equal(cached.entries[0].key, 'products:all')
    assert.ok(cached.entries[0].ttl > 0 && cached.entries[0].ttl <= 60)
    assert.equal(cached.entries[0].value.products[0].name, 'Laptop')
  },
  'Queue-based load leveling'(output) {
    const [accepted, orders] = output.split(/(?<=^\})\n/m)
    const { job_id } = JSON.parse(accepted ?? '')
    assert.match(job_id, /^[0-9a-f-]{36}$/)
    assert.partialDeepStrictEqual(JSON.parse(orders ?? ''), [{ id: 1, customer_id: 1, total: 199.99, job_id }])
  },
}

// Two shops at a time: most of the time is waiting.
describe('documents', { skip: noTools, concurrency: 2 }, () => {
  for (const home of homes) {
    describe(`the original README's commands, with ${nameOf(home)}`, {
      ...oneByOne,
      skip: home.redis && noRedis,
    }, () => {
      const sections = readSections('test/original-commands.md').filter(({ heading }) => heading in promises)
      test('each section is checked', () => assert.equal(sections.length, Object.keys(promises).length))
      test('each section prints what it says', () =>
        twice(() =>
          withShop(home, (url) => follow(sections, url, ({ heading }, [output = '']) => promises[heading]?.(output))),
        ))
    })
  }

  for (const [file, home] of [
    ['README.md', { database: false, redis: false }],
    ['README.es.md', { database: true, redis: true }],
  ] as const) {
    describe(`the commands of ${file} print what it shows, with ${nameOf(home)}`, {
      ...oneByOne,
      skip: home.redis && noRedis,
    }, () => {
      const sections = readSections(file).map((section) => ({ ...section, blocks: commands(section) }))
      test('each section prints what it shows', () =>
        twice(() =>
          withShop(home, (url) =>
            follow(sections, url, ({ blocks }, printed) => {
              for (const [index, { output = '' }] of blocks.entries())
                assert.equal(atHome(printed[index] ?? '', home), steady(output))
            }),
          ),
        ))
    })
  }
})

test('README.es.md has the sections and the commands of README.md, and shows the same output', () => {
  const outline = (file: string) =>
    readSections(file).map(({ level, blocks }) => ({
      level,
      blocks: blocks.map(({ info, code, output }) => ({
        info,
        code: info === 'text' ? code.replaceAll(/ {2,}.*/g, '') : withoutComments(code), // the layout's words differ
        output,
      })),
    }))
  assert.deepEqual(outline('README.es.md'), outline('README.md'))
})

/** Blocks to run: `bash`, unless marked `bash not-run`, which starts something of its own or needs what a test has not. */
function commands({ blocks }: Section) {
  return blocks.filter(({ info }) => info === 'bash')
}

/** Output as another home would print it, too. */
const atHome = (output: string, { redis }: Home): string =>
  steady(redis ? output.replaceAll(/"cache":\{[^}]*\},/g, '') : output)
