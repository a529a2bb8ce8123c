import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from '../check.ts'
import { type Exchange, record } from '../exchange.ts'
import { createProduct, has } from '../shop.ts'
import { Blocked, demand } from '../verdict.ts'
import { bypassed, fromCache, lacks } from './catalogue.ts'

/** What only many at once can show. */
export const cacheRaceChecks: Check[] = [
  {
    id: 'cache.stale-race',
    level: 'production',
    points: 5,
    does: {
      en: 'Writes sixty products one after the other, while twelve readers read the catalogue without a pause',
      es: 'Escribe sesenta productos uno tras otro, mientras doce lectores leen el catálogo sin pausa',
    },
    expects: {
      en: 'a list that was asked for after a write was acknowledged has that write, always',
      es: 'una lista pedida después de que se confirmó una escritura tiene esa escritura, siempre',
    },
    hint: {
      en: 'A slow reader stores rows that are older than the invalidation: store only if the key was not invalidated since the read began (a lease, a generation).',
      es: 'Un lector lento guarda filas más viejas que la invalidación: guarde solo si la clave no se invalidó desde que empezó la lectura (un lease, una generación).',
    },
    async run(client) {
      let [before, newest] = [await createProduct(client), await createProduct(client)]
      let proof: Exchange[] | undefined
      let writing = true
      const write = async () => {
        for (let count = 0; count < 60 && !proof; count += 1) {
          const product = await createProduct(client)
          before = newest
          newest = product
          await sleep(Math.random() * 10) // so that readers meet what a slow one has put back
        }
      }
      const read = async () => {
        while (writing && !proof) {
          const [earlier, due] = [before, newest]
          const list = await client.get('/products/')
          if (list.status === 200 && !has(list, due)) proof = [earlier.made, due.made, list]
        }
      }
      const act = (index: number) => (index === 0 ? write().finally(() => (writing = false)) : read())
      await client.crowd(13, act)
      if (proof) demand(false, proof, lacks(String(record(proof[1] as Exchange).name), proof[2]))
    },
  },
  {
    id: 'cache.stampede',
    level: 'production',
    points: 4,
    does: {
      en: 'Empties the cache and sends sixty readers at once, in nine rounds',
      es: 'Vacía la caché y envía sesenta lectores a la vez, en nueve rondas',
    },
    expects: {
      en: 'no more than six in sixty queried the database: the others say from_cache: true, or "collapsed" in Cache-Status (RFC 9211)',
      es: 'no más de seis de sesenta consultaron la base de datos: los demás dicen from_cache: true, o "collapsed" en Cache-Status (RFC 9211)',
    },
    hint: {
      en: 'Let those who miss at once share one query (single flight), and say so in Cache-Status; nothing else shows it from outside.',
      es: 'Que los que no encuentran nada a la vez compartan una consulta (single flight), y dígalo en Cache-Status; nada más lo muestra desde fuera.',
    },
    async run(client) {
      const rounds: { loads: Exchange[]; write: Exchange }[] = []
      const own = (reader: Exchange) => !fromCache(reader) && !/collapsed/.test(String(reader.answer['cache-status']))
      for (let round = 0; round < 30 && rounds.length < 9; round += 1) {
        const { made } = await createProduct(client)
        const readers = await client.crowd(60, () => client.get('/products/'))
        if (readers.some(bypassed)) await sleep(500)
        else rounds.push({ write: made, loads: readers.filter(own) })
      }
      // The median: a stall of the machine may part the readers of a round.
      const middle = rounds.sort((a, b) => a.loads.length - b.loads.length)[Math.floor(rounds.length / 2)]
      if (!middle) throw new Blocked({ en: 'the cache was away', es: 'la caché no estaba' })
      const { loads, write } = middle
      demand(loads.length <= 6, [write, ...loads.slice(0, 3)], {
        en: `${loads.length} of 60 readers queried the database`,
        es: `${loads.length} de 60 lectores consultaron la base de datos`,
      })
    },
  },
]
