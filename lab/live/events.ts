import type { PartName, Text } from '../protocol/part-schema.ts'
import { type Counts, timesBetween } from './counts.ts'

/** What the parts did between two readings of their counts, in words. */
export function eventsBetween(before: Counts, now: Counts): { part: PartName; text: Text }[] {
  const events: { part: PartName; text: Text }[] = []
  const tell = (part: PartName, count: number, en: string, es: string) => {
    const times = count > 1 ? ` × ${count}` : ''
    if (count > 0) events.push({ part, text: { en: en + times, es: es + times } })
  }
  for (const [answer, count] of grown(before.answers, now.answers)) {
    const said = answer.replace(/ (\d+)$/, ' → $1')
    tell('api', count, said, said)
  }
  const decisions = grown(before.decisions ?? new Map(), now.decisions ?? new Map())
  tell('limiter', decisions.get('allowed') ?? 0, 'admitted', 'admitida')
  tell('limiter', decisions.get('denied') ?? 0, 'refused (429)', 'rechazada (429)')
  tell('limiter', decisions.get('fallback') ?? 0, 'decided without Redis', 'decidida sin Redis')

  const loads = timesBetween(before.loadTimes, now.loadTimes)
  const took = loads.count > 0 ? `${((loads.sum / loads.count) * 1000).toFixed(1)} ms` : ''
  for (const [outcome, count] of grown(before.reads, now.reads)) {
    const said = reads[outcome]
    if (said)
      tell(
        'cache',
        count,
        `${said.en}${outcome === 'hit' ? '' : `, ${took}`}`,
        `${said.es}${outcome === 'hit' ? '' : `, ${took}`}`,
      )
  }
  tell('cache', now.invalidations - before.invalidations, 'invalidated after a write', 'invalidada tras una escritura')

  const runs = timesBetween(before.runTimes, now.runTimes)
  const ran = runs.count > 0 ? `, ${((runs.sum / runs.count) * 1000).toFixed(1)} ms` : ''
  for (const [outcome, count] of grown(before.ended, now.ended)) {
    const said = ends[outcome]
    if (said) tell('worker', count, said.en + ran, said.es + ran)
  }
  const results = grown(before.runs, now.runs)
  tell('worker', results.get('error') ?? 0, 'an attempt failed and is retried', 'un intento falló y se reintenta')
  tell('worker', results.get('postponed') ?? 0, 'waits for the database', 'espera a la base de datos')
  // The health check queries the database each second, for this feed, too; alone that is no event.
  if (events.length > 0) tell('database', now.queries - before.queries, 'query', 'consulta')
  return events
}

const reads: Record<string, Text> = {
  hit: { en: 'hit', es: 'acierto' },
  stored: { en: 'miss, loaded and stored', es: 'fallo, cargada y guardada' },
  'not-stored': {
    en: 'miss, loaded and not stored because of a write',
    es: 'fallo, cargada y no guardada por una escritura',
  },
  collapsed: { en: 'miss, waited for another reader’s load', es: 'fallo, esperó la carga de otro lector' },
  unavailable: { en: 'cache away, read from the database', es: 'caché caída, leída de la base de datos' },
}

const ends: Record<string, Text> = {
  succeeded: { en: 'order succeeded', es: 'pedido completado' },
  rejected: { en: 'order rejected', es: 'pedido rechazado' },
  failed: { en: 'order failed (dead letter)', es: 'pedido fallido (dead letter)' },
}

/** The counts that grew, and by how much. */
function grown(before: Map<string, number>, now: Map<string, number>): Map<string, number> {
  const more = [...now].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const)
  return new Map(more.filter(([, count]) => count > 0))
}
