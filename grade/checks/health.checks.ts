import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record } from '../exchange.ts'
import { Blocked, demand } from '../verdict.ts'

const is200 = async (client: Client, path: string): Promise<Exchange> => {
  const answer = await client.get(path)
  demand(answer.status === 200, [answer])
  return answer
}

/** A probe that nothing limits may be sent from one address as often as Kubernetes does. */
const PROBES = 15

export const healthChecks: Check[] = [
  {
    id: 'health.summary',
    level: 'seed',
    points: 1,
    does: { en: 'Asks GET /health', es: 'Pide GET /health' },
    expects: { en: '200 and JSON', es: '200 y JSON' },
    hint: { en: 'The Deployment of the original probes it.', es: 'El Deployment del original la sondea.' },
    async run(client) {
      const answer = await is200(client, '/health')
      demand(answer.json !== undefined, [answer])
    },
  },
  {
    id: 'health.live',
    level: 'seed',
    points: 1,
    does: { en: 'Asks GET /health/live', es: 'Pide GET /health/live' },
    expects: { en: '200: the process is alive', es: '200: el proceso está vivo' },
    hint: {
      en: 'It answers as long as the process can, and asks nobody.',
      es: 'Responde mientras el proceso pueda, y no pregunta a nadie.',
    },
    async run(client) {
      await is200(client, '/health/live')
    },
  },
  {
    id: 'health.ready',
    level: 'seed',
    points: 1,
    does: { en: 'Asks GET /health/ready', es: 'Pide GET /health/ready' },
    expects: { en: '200 while the database is there', es: '200 mientras la base de datos está' },
    hint: {
      en: 'It asks the database something small, as SELECT 1.',
      es: 'Pregunta algo pequeño a la base de datos, como SELECT 1.',
    },
    async run(client) {
      await is200(client, '/health/ready')
    },
  },
  {
    id: 'health.whoami',
    level: 'seed',
    points: 1,
    does: {
      en: 'Asks GET /whoami six times, as the original README does',
      es: 'Pide GET /whoami seis veces, como el README del original',
    },
    expects: {
      en: '200 each time, and JSON that names the instance',
      es: '200 cada vez, y JSON que nombra la instancia',
    },
    hint: {
      en: 'Host or pod name and process id tell replicas apart.',
      es: 'El nombre del host o pod y el id del proceso distinguen las réplicas.',
    },
    async run(client) {
      for (let count = 0; count < 6; count += 1) {
        const answer = await is200(client, '/whoami')
        demand(Object.keys(record(answer)).length > 0, [answer])
      }
    },
  },
  {
    id: 'health.unlimited',
    level: 'solid',
    points: 2,
    does: {
      en: `Probes health ${PROBES} times in a row from one address`,
      es: `Sondea la salud ${PROBES} veces seguidas desde una dirección`,
    },
    expects: {
      en: 'never a 429: /health, /health/live and /health/ready are not limited',
      es: 'nunca un 429: /health, /health/live y /health/ready no tienen límite',
    },
    hint: {
      en: 'Kubernetes probes from one address; with 10 a minute it would kill a healthy pod.',
      es: 'Kubernetes sondea desde una dirección; con 10 por minuto mataría un pod sano.',
    },
    needs: ['limit'],
    async run(client) {
      const probe = await client.pin()
      for (const path of ['/health', '/health/live', '/health/ready'])
        for (let count = 0; count < PROBES; count += 1) {
          const answer = await probe.get(path)
          demand(answer.status !== 429, [answer])
        }
    },
  },
  {
    id: 'health.discreet',
    level: 'production',
    points: 1,
    does: { en: 'Reads what health tells anybody', es: 'Lee lo que la salud cuenta a cualquiera' },
    expects: {
      en: 'no connection string, user or server address in /health and /health/ready',
      es: 'ninguna cadena de conexión, usuario ni dirección de servidor en /health y /health/ready',
    },
    hint: {
      en: 'Name the part and its state; keep the rest for the log.',
      es: 'Nombre la parte y su estado; deje el resto para el log.',
    },
    async run(client) {
      for (const path of ['/health', '/health/ready']) {
        const answer = await client.get(path)
        demand(!/\w+:\/\/\S+|\b\d{1,3}(\.\d{1,3}){3}\b|password/i.test(answer.text), [answer])
      }
    },
  },
  {
    id: 'health.not-ready',
    level: 'seed',
    points: 3,
    does: {
      en: 'Stops the database, asks GET /health/ready, and starts it again',
      es: 'Para la base de datos, pide GET /health/ready, y la arranca de nuevo',
    },
    expects: {
      en: '503 within 15 s of its end, and 200 within 60 s of its return',
      es: '503 antes de 15 s de su fin, y 200 antes de 60 s de su vuelta',
    },
    hint: {
      en: 'Ask the database each time (or each second), and let a failure be a 503 rather than a 500 or a 200 that says "down".',
      es: 'Pregunte a la base de datos cada vez (o cada segundo), y que un fallo sea 503, y no 500 ni un 200 que dice "down".',
    },
    needs: ['database'],
    async run(client, { stopDatabase, startDatabase }) {
      let last = await client.get('/health/ready')
      const untilStatus = (status: number, seconds: number) =>
        client.until(seconds, async () => {
          last = await client.get('/health/ready')
          return last.status === status || undefined
        })
      if (last.status !== 200) throw new Blocked({ en: 'it was not ready before', es: 'no estaba lista antes' }, [last])
      await stopDatabase()
      await untilStatus(503, 15)
      const during = last
      await startDatabase()
      await untilStatus(200, 60)
      demand(during.status === 503, [during])
      demand(last.status === 200, [during, last])
    },
  },
  {
    id: 'health.live-alone',
    level: 'solid',
    points: 2,
    does: {
      en: 'Stops the database, asks GET /health/live for four seconds, and starts it again',
      es: 'Para la base de datos, pide GET /health/live durante cuatro segundos, y la arranca de nuevo',
    },
    expects: {
      en: '200: a process is alive without its database',
      es: '200: un proceso está vivo sin su base de datos',
    },
    hint: {
      en: 'A liveness probe that asks the database makes Kubernetes restart every pod when the database is away.',
      es: 'Una sonda de vida que pregunta a la base de datos hace que Kubernetes reinicie todos los pods cuando la base falta.',
    },
    needs: ['database'],
    async run(client, { stopDatabase, startDatabase }) {
      await stopDatabase()
      const answers: Exchange[] = []
      for (let count = 0; count < 20; count += 1) {
        answers.push(await client.get('/health/live'))
        await sleep(200)
      }
      await startDatabase()
      await client.until(60, async () => (await client.get('/health/ready')).status === 200 || undefined)
      const wrong = answers.find(({ status }) => status !== 200)
      demand(!wrong, wrong ? [wrong] : [])
    },
  },
]
