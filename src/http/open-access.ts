import type { Config, Role } from '../config.ts'

/** What anybody who reaches a shop may do, in words, that an operator may not want; undefined when it is nothing. */
export function whatIsOpen(config: Config, role: Role): string | undefined {
  if (config.ADMIN_TOKEN) return undefined
  const api = role === 'all' || role === 'api' ? ['catalogue writes', 'customer data', '/cache'] : []
  const metrics = role === 'dashboard' || role === 'migrate' ? [] : ['/metrics']
  const board = role === 'all' || role === 'dashboard'
  const dashboard = board && !config.DASHBOARD_PASSWORD ? ['the dashboard'] : []
  const open = [...api, ...metrics, ...dashboard]
  return open.length > 0
    ? `ADMIN_TOKEN is not set, so this is open to whoever gets here: ${open.join(', ')}`
    : undefined
}
