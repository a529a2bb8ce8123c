import type { Result } from '../grade.ts'
import type { Language, Text } from '../text.ts'

/** The words of the reports, beside those of the checks. */
export const words = {
  passed: { en: 'ok', es: 'bien' },
  failed: { en: 'FAILED', es: 'FALLA' },
  blocked: { en: 'BLOCKED', es: 'TRABADO' },
  skipped: { en: 'skipped', es: 'omitido' },
  expected: { en: 'expected', es: 'se esperaba' },
  came: { en: 'came', es: 'llegó' },
  hint: { en: 'hint', es: 'pista' },
  toSee: { en: 'to see it yourself', es: 'para verlo usted mismo' },
  inAll: { en: 'in all', es: 'en total' },
  level: { en: 'level reached', es: 'nivel alcanzado' },
  none: { en: 'none', es: 'ninguno' },
  points: { en: 'points', es: 'puntos' },
  of: { en: 'of', es: 'de' },
  grade: { en: 'Marks of', es: 'Notas de' },
} satisfies Record<string, Text>

export const outcomeWord = ({ outcome }: Result, lang: Language): string => words[outcome][lang]
