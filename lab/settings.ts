import { ProblemError } from '../src/http/errors.ts'
import type { Experiment, Setting, Settings } from './protocol/experiment-schema.ts'

/**
 * All settings of an experiment: the given ones, and the defaults of the others.
 * @throws ProblemError 422 with a pointer to each unknown or invalid setting
 */
export function completeSettings({ id, settings }: Experiment, given: Settings = {}): Settings {
  const known = new Map(settings.map((setting) => [setting.name, setting]))
  const errors = Object.entries(given).flatMap(([name, value]) => {
    const setting = known.get(name)
    const detail = setting ? complaint(setting, value) : `is not a setting of ${id}`
    return detail ? [{ pointer: `/settings/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, detail }] : []
  })
  if (errors.length > 0) {
    const detail = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ')
    throw new ProblemError(422, 'invalid_input', detail, { errors })
  }
  return Object.fromEntries(settings.map(({ name, default: value }) => [name, given[name] ?? value]))
}

function complaint({ type, min, max, choices = [] }: Setting, value: unknown): string | undefined {
  if (type === 'choice') return choices.includes(String(value)) ? undefined : `must be one of ${choices.join(', ')}`
  const fits = Number.isSafeInteger(value) && Number(value) >= Number(min) && Number(value) <= Number(max)
  return fits ? undefined : `must be a whole number from ${min} to ${max}`
}
