// What the documents' kubectl commands name is there; only a cluster can run them. Needs kubectl:
//   node --test test/deploy/kubectl-commands.test.ts
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseManifests } from '../../scripts/manifests/manifest.ts'
import { render } from '../../scripts/validate-manifests.ts'
import { noKubectl } from '../support/kubectl.ts'
import { readSections, readText } from '../support/markdown.ts'

const root = join(import.meta.dirname, '../..')
const documents = ['README.md', 'README.es.md', 'docs/deploy.md', 'docs/operations.md', 'docs/alerts.md']
const files = [...documents, 'test/original-commands.md', 'load/demo-hpa.sh']

const kinds: Record<string, string> = {
  deployment: 'Deployment',
  deploy: 'Deployment',
  svc: 'Service',
  service: 'Service',
  hpa: 'HorizontalPodAutoscaler',
}

describe('the kubectl commands of the documents', { skip: noKubectl }, () => {
  // All that is ours, in one: k8s, Prometheus and Grafana.
  const manifests = noKubectl ? [] : parseManifests(render(join(root, 'k8s/overlays/monitoring')))
  const find = (kind: string | undefined, name: string | undefined) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)

  for (const file of files) {
    test(`${file} names folders, objects, labels and ports that are there`, () => {
      // The old autoscaler is named to be deleted.
      const commands = [...readText(file).matchAll(/(?:kubectl|minikube service|in_shop) [^`\n]*/g)]
        .map(([command]) => command)
        .filter((command) => !command.includes('delete hpa api'))
      assert.ok(commands.length > 0)
      for (const command of commands) {
        for (const [, path = ''] of command.matchAll(/ -[fk] ([\w./-]+)/g))
          assert.ok(existsSync(join(root, path, path.endsWith('.yaml') ? '' : 'kustomization.yaml')), command)
        for (const [, kind = '', name] of command.matchAll(/\b(deploy|deployment|svc|service|hpa)[ /]([a-z][\w-]*)/g))
          assert.ok(find(kinds[kind], name), `${command}: there is no ${kind} ${name}`)
        for (const [, apps = ''] of command.matchAll(/-l '?app(?:=| in \()([a-z-]+(?:, [a-z-]+)*)/g))
          for (const app of apps.split(', '))
            assert.ok(
              manifests.some(({ spec }) => spec?.template?.metadata?.labels?.app === app),
              `${command}: no pod is app: ${app}`,
            )
        const [, kind = '', name, port] = /port-forward (\w+)\/([\w-]+) (?:\d*:)?(\d+)/.exec(command) ?? []
        if (!port) continue
        const { ports, template } = find(kinds[kind], name)?.spec ?? {}
        const open = [
          ...(ports?.map((each) => each.port) ?? []),
          ...(template?.spec?.containers.flatMap((container) => container.ports ?? []).map((p) => p.containerPort) ??
            []),
        ]
        assert.ok(open.includes(Number(port)), `${command}: ${open.join(', ')} are open`)
      }
    })
  }

  for (const file of documents) {
    test(`${file} marks what only a cluster can run`, () => {
      for (const { blocks } of readSections(file))
        for (const { info, code } of blocks)
          if (/^(kubectl|minikube) /m.test(code)) assert.equal(info, 'bash not-run', code)
    })
  }
})
