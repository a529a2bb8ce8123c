import { neighbourOf } from '../addresses.ts'
import type { Check } from '../check.ts'
import type { Exchange } from '../exchange.ts'
import { createCustomer, unique } from '../shop.ts'
import { demand } from '../verdict.ts'
import { exhaust, inARow, wasRefused } from './quota.ts'

const statuses = (answers: Exchange[]): string => answers.map(({ status }) => status).join(' ')

export const limitChecks: Check[] = [
  {
    id: 'limit.refuses',
    level: 'seed',
    points: 4,
    does: {
      en: 'Asks GET /products/ until two requests over the quota, from one address',
      es: 'Pide GET /products/ hasta dos peticiones sobre la cuota, desde una dirección',
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
]
