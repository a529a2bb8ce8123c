import type { Config, Role } from '../config.ts'

/** A warning that names what is accessible without authentication, or undefined where nothing is. */
export function openAccess(config: Config, role: Role): string | undefined {
  if (config.ADMIN_TOKEN) return undefined
  const api = role === 'all' || role === 'api' ? ['catalogue writes', 'customer data', '/cache'] : []
  const metrics = role === 'dashboard' || role === 'migrate' ? [] : ['/metrics']
  const board = role === 'all' || role === 'dashboard'
  const dashboard = board && !config.DASHBOARD_PASSWORD ? ['the dashboard'] : []
  const open = [...api, ...metrics, ...dashboard]
  return open.length > 0 ? `ADMIN_TOKEN is not set; accessible without authentication: ${open.join(', ')}` : undefined
}
