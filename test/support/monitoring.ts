import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readText } from './markdown.ts'

const root = join(import.meta.dirname, '../..')

/** Why there is no Prometheus to test with, or undefined: to be given to a test's `skip`, so that it is said loudly. */
export const noPrometheus = ['promtool', 'prometheus'].every((tool) => spawnSync(tool, ['--version']).status === 0)
  ? undefined
  : 'no promtool and prometheus: apt-get install prometheus'
if (noPrometheus && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noPrometheus}`)

/** Runs promtool in the root folder. @throws with what it complained of */
export function promtool(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`)
}

export interface AlertRule {
  alert: string
  expr: string
  labels: { severity?: string }
  annotations: { summary?: string; runbook_url?: string }
}

export function alertRules(): AlertRule[] {
  const { groups } = parse(readText('k8s/monitoring/alerts.yml')) as { groups: { rules: AlertRule[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

/** The queries of all panels, with the variable that Grafana fills in replaced by `window`. */
export function dashboardQueries(window = '1m'): string[] {
  const { panels } = JSON.parse(readText('k8s/monitoring/grafana/shop.json')) as {
    panels: { targets?: { expr: string }[] }[]
  }
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', window)))
}

/** The metrics that a query names: what is left of it without texts, labels, windows, functions and operators. */
export function metricsIn(query: string): string[] {
  const bare = query
    .replace(/"(\\.|[^"\\])*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
  const words = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)].map(([word]) => word)
  return words.filter((word) => !['and', 'or', 'unless', 'bool', 'by', 'without'].includes(word))
}
