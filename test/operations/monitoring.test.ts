// Prometheus' rules and the Grafana dashboard of k8s/monitoring. That they show something when a real Prometheus asks a
// real shop is in test/deploy/monitoring.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { send } from '../../support/http.ts'
import { noRedis } from '../../support/servers.ts'
import { readText } from '../support/markdown.ts'
import { alertRules, dashboardQueries, metricsIn, noPrometheus, promtool } from '../support/monitoring.ts'
import { openShop } from '../support/shop.ts'

const skip = noPrometheus

/** What Prometheus itself adds. */
const ofPrometheus = ['up', 'ALERTS']

test('every metric that the dashboard and the alerts name is told by a shop', {
  skip: noRedis,
}, async () => {
  const named = new Set([...dashboardQueries(), ...alertRules().map(({ expr }) => expr)].flatMap(metricsIn))
  for (const name of ofPrometheus) named.delete(name)
  assert.ok(named.size > 15, `only ${[...named]}`)

  const told = new Set<string>()
  for (const role of ['api', 'worker'] as const) {
    const shop = await openShop({ role, redis: true, env: { METRICS_PORT: '0', RATE_LIMIT: '10/minute' } })
    try {
      const { text } = await send(`${shop.urls.metrics}/metrics`)
      for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
        for (const suffix of type === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']) told.add(name + suffix)
    } finally {
      await shop.close()
    }
  }
  assert.deepEqual(
    [...named].filter((name) => !told.has(name)),
    [],
  )
})

test('Prometheus takes its configuration and the rules', { skip }, () => {
  promtool('check', 'config', '--syntax-only', 'k8s/monitoring/prometheus.yml')
  promtool('check', 'rules', 'k8s/monitoring/alerts.yml')
})

test('each alert is raised when it should be and not when it should not', { skip }, () => {
  promtool('test', 'rules', 'test/monitoring/alerts.test.yml')
  interface Case {
    alertname: string
    exp_alerts: unknown[]
  }
  const { tests } = parse(readText('test/monitoring/alerts.test.yml')) as { tests: { alert_rule_test?: Case[] }[] }
  const cases = tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test)
  for (const { alert } of alertRules()) {
    const of = cases.filter(({ alertname }) => alertname === alert)
    assert.ok(
      of.some(({ exp_alerts }) => exp_alerts.length > 0),
      `${alert} is never seen to fire`,
    )
    assert.ok(
      of.some(({ exp_alerts }) => exp_alerts.length === 0),
      `${alert} is never seen quiet`,
    )
  }
})

test('each alert says how bad it is and leads to a section that says what to do', () => {
  const sections = [...readText('docs/alerts.md').matchAll(/^### (\w+)\n\n\*(\w+)\.\*/gm)]
  const documented = new Map(sections.map(([, name = '', severity = '']) => [name, severity.toLowerCase()]))
  const rules = alertRules()
  assert.deepEqual([...documented.keys()].sort(), rules.map(({ alert }) => alert).sort())
  for (const { alert, labels, annotations } of rules) {
    assert.equal(documented.get(alert), labels.severity, alert)
    assert.equal(annotations.runbook_url, `docs/alerts.md#${alert.toLowerCase()}`)
    assert.match(annotations.summary ?? '', /\.$/)
  }
})

test('the queries of the dashboard are of the language of Prometheus', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
  try {
    const rules = dashboardQueries().map((expr, index) => ({ record: `panel:${index}`, expr }))
    const file = join(folder, 'rules.yml')
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    promtool('check', 'rules', file)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('panels have titles of their own, and none lies on another', () => {
  const { panels } = JSON.parse(readText('k8s/monitoring/grafana/shop.json')) as {
    panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[]
  }
  assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length)
  const taken = new Map<string, string>()
  for (const { title, gridPos } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.equal(taken.get(`${x},${y}`), undefined, title)
        taken.set(`${x},${y}`, title)
      }
  }
})
