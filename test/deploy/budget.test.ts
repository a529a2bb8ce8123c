// What the shop asks of the machine that its reader has, from the rendered manifests. Needs kubectl:
//   node --test test/deploy/budget.test.ts
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { V1Container, V1PodTemplateSpec } from '@kubernetes/client-node'
import { type Manifest, nameOf, parseManifests } from '../../scripts/manifests/manifest.ts'
import { amount } from '../../scripts/manifests/values.ts'
import { render } from '../../scripts/validate-manifests.ts'
import { noKubectl } from '../support/kubectl.ts'
import { readText } from '../support/markdown.ts'

/** Millicores and MiB. */
interface Asked {
  cpu: number
  memory: number
}

/** Requests of the API server, the controllers, the scheduler, etcd, one CoreDNS and metrics-server. */
const KUBEADM: Asked = { cpu: 850, memory: 370 }
/** Requests of its operator, metrics server and admission webhooks, by its chart. */
const KEDA: Asked = { cpu: 300, memory: 300 }

const machines = [
  { folder: 'k8s', cpus: 2, gib: 2, others: [KUBEADM] },
  { folder: 'k8s/overlays/load-test', cpus: 2, gib: 2, others: [KUBEADM] },
  { folder: 'k8s/overlays/monitoring', cpus: 3, gib: 3, others: [KUBEADM] },
  { folder: 'k8s/overlays/keda', cpus: 4, gib: 4, others: [KUBEADM, KEDA] },
]
/** Two CPUs are minikube's default, and 2 GiB about the least memory that it takes. */
const startOf = ({ cpus, gib }: Machine) =>
  cpus > 2 ? `minikube start --cpus=${cpus} --memory=${gib}g` : 'minikube start'
type Machine = (typeof machines)[number]

describe('what the shop asks of the machine', { skip: noKubectl }, () => {
  for (const machine of machines) {
    const { folder, cpus, gib } = machine
    test(`${folder} fits ${cpus} CPUs and ${gib} GiB, and docs/deploy.md says so`, (t) => {
      const { table, fits } = budget(parseManifests(render(join(import.meta.dirname, '../..', folder))), machine)
      for (const line of table.split('\n')) t.diagnostic(line)
      assert.ok(fits, `\n${table}`)
      const document = readText('docs/deploy.md')
      assert.ok(document.includes(startOf(machine)), startOf(machine))
      if (folder === 'k8s') assert.ok(document.includes(table), `it shows another table than\n${table}`)
    })
  }

  for (const [from, to, said] of [
    ['cpu: 100m', 'cpu: 250m', /^at rest +1550m +864Mi {2}too much$/m],
    ['memory: 192Mi', 'memory: 256Mi', /^both at once +1100m +1952Mi {2}too much$/m],
    ['maxReplicas: 4', 'maxReplicas: 8', /^at the autoscaler's maximum +1250m +2016Mi {2}too much$/m],
  ] as const) {
    test(`k8s would not with ${to}, and the table says where`, () => {
      const sound = render(join(import.meta.dirname, '../../k8s'))
      assert.ok(sound.includes(from))
      const { table, fits } = budget(parseManifests(sound.replaceAll(from, to)), machines[0])
      assert.ok(!fits)
      assert.match(table, said)
    })
  }
})

/** The sums, a line each, and whether each is within what the machine has left for the shop. */
function budget(manifests: Manifest[], machine: Machine | undefined): { table: string; fits: boolean } {
  const { cpus = 0, gib = 0, others = [] } = machine ?? {}
  const room = others.reduce((left, { cpu, memory }) => ({ cpu: left.cpu - cpu, memory: left.memory - memory }), {
    cpu: cpus * 1000,
    memory: gib * 1024,
  })
  const all = workloads(manifests)
  const states: Record<string, Asked> = {
    'at rest': sum(all, ({ least }) => least),
    'while everything is replaced': sum(all, ({ least, surge }) => least + surge(least)),
    "at the autoscaler's maximum": sum(all, ({ most }) => most),
    'both at once': sum(all, ({ most, surge }) => most + surge(most)),
  }
  const within = ({ cpu, memory }: Asked) => cpu <= room.cpu && memory <= room.memory
  const line = (name: string, asked: Asked) =>
    `${name.padEnd(28)}${`${asked.cpu}m`.padStart(8)}${`${asked.memory}Mi`.padStart(9)}${within(asked) ? '' : '  too much'}`
  const lines = Object.entries(states).map(([name, asked]) => line(name, asked))
  return {
    table: [line('there is room for', room), ...lines].join('\n'),
    fits: Object.values(states).every(within),
  }
}

interface Workload {
  asks: Asked
  /** Pods at rest, and at an autoscaler's maximum. */
  least: number
  most: number
  /** Pods more, while so many are replaced. */
  surge: (pods: number) => number
}

const sum = (workloads: Workload[], pods: (workload: Workload) => number): Asked => ({
  cpu: workloads.reduce((total, each) => total + pods(each) * each.asks.cpu, 0),
  memory: workloads.reduce((total, each) => total + pods(each) * each.asks.memory, 0),
})

function workloads(manifests: Manifest[]): Workload[] {
  return manifests.flatMap((manifest) => {
    const { template, replicas = 1, strategy } = manifest.spec ?? {}
    if (!template) return []
    assert.ok(['Deployment', 'StatefulSet'].includes(manifest.kind), `${nameOf(manifest)}: how many pods?`)
    const scaler = manifests.find(({ spec }) => spec?.scaleTargetRef?.name === manifest.metadata.name)?.spec
    // A StatefulSet takes a pod away before it makes the next.
    const { maxSurge = '25%' } = manifest.kind === 'StatefulSet' ? { maxSurge: 0 } : (strategy?.rollingUpdate ?? {})
    return {
      asks: asked(template),
      least: scaler?.minReplicas ?? scaler?.minReplicaCount ?? replicas,
      most: scaler?.maxReplicas ?? scaler?.maxReplicaCount ?? replicas,
      surge: (pods: number) =>
        typeof maxSurge === 'number' ? maxSurge : Math.ceil((pods * Number.parseFloat(maxSurge)) / 100),
    }
  })
}

/** What the scheduler looks for: the containers together, or the largest of those that run before them. */
function asked({ spec }: V1PodTemplateSpec): Asked {
  const of = (resource: 'cpu' | 'memory', unit: number) => {
    const requests = (containers: V1Container[] = []) =>
      containers.map(({ resources }) => Math.round(amount(resources?.requests?.[resource] ?? '0') / unit))
    const together = requests(spec?.containers).reduce((total, request) => total + request, 0)
    return Math.max(together, ...requests(spec?.initContainers))
  }
  return { cpu: of('cpu', 0.001), memory: of('memory', 1024 ** 2) }
}
