import { setTimeout as sleep } from 'node:timers/promises'
import { neighbourOf } from '../addresses.ts'
import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import type { Exchange } from '../exchange.ts'
import { createCustomer, unique } from '../shop.ts'
import { Blocked, demand } from '../verdict.ts'

/** How much of a minute must be over before a request counts as outside of it: what clocks and networks may blur. */
const MINUTE_MS = 59_000

const wasRefused = ({ status }: Exchange): boolean => status === 429

async function inARow(client: Client, count: number, path = '/products/'): Promise<Exchange[]> {
  const answers: Exchange[] = []
  for (let n = 0; n < count; n += 1) answers.push(await client.get(path))
  return answers
}

/** Uses a client's quota up. @throws Blocked when it has no end */
async function exhaust(client: Client, quota: number, path = '/products/'): Promise<Exchange> {
  for (let n = 0; n <= 2 * quota; n += 1) {
    const answer = await client.get(path)
    if (wasRefused(answer)) return answer
  }
  throw new Blocked({
    en: `${2 * quota + 1} requests to ${path}, and none was refused`,
    es: `${2 * quota + 1} peticiones a ${path}, y ninguna fue rechazada`,
  })
}

const statuses = (answers: Exchange[]): string => answers.map(({ status }) => status).join(' ')

export const limitChecks: Check[] = [
  {
    id: 'limit.refuses',
    level: 'seed',
    points: 4,
    does: {
      en: 'Asks GET /products/ twice more than the quota, from one address',
      es: 'Pide GET /products/ dos veces más que la cuota, desde una dirección',
    },
    expects: {
      en: 'ten answers, then 429 and 429 (or as --limit says)',
      es: 'diez respuestas, y después 429 y 429 (o lo que diga --limit)',
    },
    hint: {
      en: 'Count before the work is done, and refuse what is over the quota with 429.',
      es: 'Cuente antes de hacer el trabajo, y rechace con 429 lo que supere la cuota.',
    },
    needs: ['limit'],
    confirm: true,
    async run(client, { quota }) {
      const answers = await inARow(await client.pin(), quota + 2)
      const right = answers.every((answer, index) => (index < quota ? answer.status === 200 : wasRefused(answer)))
      demand(right, answers, statuses(answers))
    },
  },
  {
    id: 'limit.endpoints',
    level: 'seed',
    points: 3,
    does: {
      en: 'Goes over the quota of GET /orders/, POST /products/, POST /customers/ and POST /orders/',
      es: 'Supera la cuota de GET /orders/, POST /products/, POST /customers/ y POST /orders/',
    },
    expects: {
      en: '429 from each: every endpoint is limited',
      es: '429 de cada uno: todos los endpoints tienen límite',
    },
    hint: {
      en: 'A limit that is put on each route by hand is forgotten on one.',
      es: 'Un límite que se pone a mano en cada ruta se olvida en una.',
    },
    needs: ['limit'],
    confirm: true,
    async run(client, { quota }) {
      const { id } = await createCustomer(client)
      const pinned = await client.pin()
      const email = () => `${unique('ana').replace(' ', '.')}@example.com`
      const endpoints = [
        () => pinned.get('/orders/'),
        () => pinned.post('/products/', { name: unique('Pen'), price: 1, stock: 1 }),
        () => pinned.post('/customers/', { name: 'Ana', email: email() }),
        () => pinned.post('/orders/', { customer_id: id, total: 1 }),
      ]
      for (const ask of endpoints) {
        let last: Exchange | undefined
        for (let n = 0; n < 2 * quota && !(last && wasRefused(last)); n += 1) last = await ask()
        if (last)
          demand(wasRefused(last), [last], {
            en: `${2 * quota} requests in a row, and the last was answered ${last.status}`,
            es: `${2 * quota} peticiones seguidas, y la última recibió ${last.status}`,
          })
      }
    },
  },
  {
    id: 'limit.own-count',
    level: 'seed',
    points: 2,
    does: {
      en: 'Uses up the quota of GET /orders/, and asks another endpoint',
      es: 'Agota la cuota de GET /orders/, y pide otro endpoint',
    },
    expects: {
      en: 'GET /products/ still answers: each endpoint has a count of its own',
      es: 'GET /products/ todavía responde: cada endpoint tiene su propia cuenta',
    },
    hint: { en: 'Put method and route in the key of the count.', es: 'Ponga método y ruta en la clave de la cuenta.' },
    needs: ['limit'],
    confirm: true,
    async run(client, { quota }) {
      const pinned = await client.pin()
      const refusal = await exhaust(pinned, quota, '/orders/')
      const other = await pinned.get('/products/')
      demand(!wasRefused(other), [refusal, other])
    },
  },
  {
    id: 'limit.own-address',
    level: 'seed',
    points: 3,
    does: {
      en: 'Uses up the quota of one address, and asks from its neighbour',
      es: 'Agota la cuota de una dirección, y pide desde su vecina',
    },
    expects: {
      en: 'the neighbour is answered: each address has a count of its own',
      es: 'la vecina recibe respuesta: cada dirección tiene su propia cuenta',
    },
    hint: {
      en: 'Put the whole client address in the key. (If Docker or a proxy stands between, all clients look like one: run with --addresses one.)',
      es: 'Ponga la dirección completa del cliente en la clave. (Si hay Docker o un proxy en medio, todos parecen uno: use --addresses one.)',
    },
    needs: ['limit', 'addresses'],
    confirm: true,
    async run(client, { quota }) {
      const greedy = await client.pin()
      const refusal = await exhaust(greedy, quota)
      const neighbour = await client.pin(neighbourOf(greedy.address ?? ''))
      const answer = await neighbour.get('/products/')
      demand(!wasRefused(answer), [refusal, answer])
    },
  },
  {
    id: 'limit.at-once',
    level: 'solid',
    points: 3,
    does: {
      en: 'Sends three times the quota at once, from one address',
      es: 'Envía tres veces la cuota a la vez, desde una dirección',
    },
    expects: { en: 'no more than the quota gets through', es: 'no pasa más que la cuota' },
    hint: {
      en: 'To read the count, compare and write it is a race: count in one atomic step (INCR, or a script in Redis).',
      es: 'Leer la cuenta, comparar y escribirla es una carrera: cuente en un paso atómico (INCR, o un script en Redis).',
    },
    needs: ['limit'],
    confirm: true,
    async run(client, { quota }) {
      const pinned = await client.pin()
      const answers = await Promise.all(Array.from({ length: 3 * quota }, () => pinned.get('/products/')))
      const admitted = answers.filter((answer) => answer.status === 200)
      demand(admitted.length <= quota, admitted, {
        en: `${admitted.length} of ${answers.length} got through`,
        es: `pasaron ${admitted.length} de ${answers.length}`,
      })
    },
  },
  {
    id: 'limit.retry-after',
    level: 'solid',
    points: 2,
    does: { en: 'Goes over the quota and reads Retry-After', es: 'Supera la cuota y lee Retry-After' },
    expects: { en: 'whole seconds, from 1 to 60', es: 'segundos enteros, de 1 a 60' },
    hint: {
      en: 'RFC 6585 and RFC 9110, 10.2.3: say when to come back.',
      es: 'RFC 6585 y RFC 9110, 10.2.3: diga cuándo volver.',
    },
    needs: ['limit'],
    confirm: true,
    async run(client, { quota }) {
      const refusal = await exhaust(await client.pin(), quota)
      const seconds = refusal.answer['retry-after'] ?? ''
      demand(
        /^\d+$/.test(seconds) && Number(seconds) >= 1 && Number(seconds) <= 60,
        [refusal],
        `Retry-After: ${seconds || '—'}`,
      )
    },
  },
  {
    id: 'limit.headers',
    level: 'production',
    points: 1,
    does: {
      en: 'Asks twice and reads how many requests are left',
      es: 'Pide dos veces y lee cuántas peticiones quedan',
    },
    expects: {
      en: 'RateLimit (r=…) or X-RateLimit-Remaining, and one less the second time',
      es: 'RateLimit (r=…) o X-RateLimit-Remaining, y una menos la segunda vez',
    },
    hint: { en: 'draft-ietf-httpapi-ratelimit-headers.', es: 'draft-ietf-httpapi-ratelimit-headers.' },
    needs: ['limit'],
    confirm: true,
    async run(client) {
      const pinned = await client.pin()
      const answers = await inARow(pinned, 2)
      const [first, second] = answers.map(({ answer }) =>
        Number(/\br=(\d+)/.exec(String(answer.ratelimit))?.[1] ?? answer['x-ratelimit-remaining'] ?? Number.NaN),
      )
      demand(second !== undefined && first === second + 1, answers, `${first}, ${second}`)
    },
  },
  {
    id: 'limit.forged',
    level: 'production',
    points: 2,
    does: {
      en: 'Uses the quota up, then claims other addresses in X-Forwarded-For',
      es: 'Agota la cuota, y dice tener otras direcciones en X-Forwarded-For',
    },
    expects: { en: '429 all the same', es: '429 de todos modos' },
    hint: {
      en: 'Anyone can write that header: believe it only from proxies that you have named.',
      es: 'Cualquiera puede escribir esa cabecera: créala solo de los proxies que usted haya nombrado.',
    },
    needs: ['limit'],
    confirm: true,
    async run(client, { quota }) {
      const pinned = await client.pin()
      const refusal = await exhaust(pinned, quota)
      for (const address of ['198.51.100.7', '198.51.100.8']) {
        const headers = { 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}` }
        const forged = await pinned.get('/products/', headers)
        demand(wasRefused(forged), [refusal, forged])
      }
    },
  },
  {
    id: 'limit.recovers',
    level: 'solid',
    points: 2,
    does: {
      en: 'Goes over the quota, waits as Retry-After says (or a minute), and asks again',
      es: 'Supera la cuota, espera lo que dice Retry-After (o un minuto), y pide otra vez',
    },
    expects: { en: 'an answer that is not 429', es: 'una respuesta que no es 429' },
    hint: {
      en: 'Counts must expire, and Retry-After must not promise too early an end.',
      es: 'Las cuentas deben vencer, y Retry-After no debe prometer un fin demasiado temprano.',
    },
    needs: ['limit', 'slow'],
    confirm: true,
    async run(client, { quota }) {
      const pinned = await client.pin()
      const refusal = await exhaust(pinned, quota, '/orders/')
      await sleep(Math.min(60, Number(refusal.answer['retry-after'] ?? 60)) * 1000 + 1000)
      const answer = await pinned.get('/orders/')
      demand(!wasRefused(answer), [refusal, answer])
    },
  },
  {
    id: 'limit.any-minute',
    level: 'production',
    points: 3,
    does: {
      en: 'Sends bursts around the edge of a window, by the clock and from the first request on, and one request every 6 s after a burst',
      es: 'Envía ráfagas alrededor del borde de una ventana, la del reloj y la que empieza con la primera petición, y una petición cada 6 s después de una ráfaga',
    },
    expects: {
      en: 'in no sixty seconds more than the quota',
      es: 'en ningún lapso de sesenta segundos más que la cuota',
    },
    hint: {
      en: 'A fixed window lets twice the quota through at its edge, a token bucket nearly so in its first minute; a sliding window log is exact.',
      es: 'Una ventana fija deja pasar el doble de la cuota en su borde, y un token bucket casi lo mismo en su primer minuto; el registro con ventana deslizante es exacto.',
    },
    needs: ['limit', 'slow', 'addresses'],
    confirm: true,
    async run(client, { quota }) {
      const toClock = 60_000 - (Date.now() % 60_000)
      const edge = toClock < 4000 ? toClock + 60_000 : toClock
      const burst = (atMs: number, count: number) => Array.from({ length: count }, () => atMs)
      const plans = [
        [0, ...burst(50_000, quota - 1), ...burst(61_500, quota)],
        [...burst(edge - 2500, quota), ...burst(edge + 1500, quota)],
        [...burst(0, quota), ...Array.from({ length: 9 }, (_, n) => (n + 1) * 6000)],
      ]
      await Promise.all(
        plans.map(async (plan) => {
          const pinned = await client.pin()
          const answers = await Promise.all(plan.map((atMs) => sleep(atMs).then(() => pinned.get('/orders/'))))
          const admitted = answers.filter(({ status }) => status === 200).sort((a, b) => a.sentAt - b.sentAt)
          for (const [index, first] of admitted.entries()) {
            const beyond = admitted[index + quota]
            const within = beyond ? beyond.answeredAt - first.sentAt : Number.POSITIVE_INFINITY
            demand(within > MINUTE_MS, admitted.slice(index, index + quota + 1), {
              en: `${quota + 1} requests were admitted within ${(within / 1000).toFixed(1)} s`,
              es: `${quota + 1} peticiones fueron admitidas en ${(within / 1000).toFixed(1)} s`,
            })
          }
        }),
      )
    },
  },
]
