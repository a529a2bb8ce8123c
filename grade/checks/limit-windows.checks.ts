import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from '../check.ts'
import { demand } from '../verdict.ts'
import { exhaust, wasRefused } from './quota.ts'

/** How much of a minute must be over before a request counts as outside of it: what clocks and networks may blur. */
const MINUTE_MS = 59_000

/** What shows over a minute. */
export const limitWindowChecks: Check[] = [
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
