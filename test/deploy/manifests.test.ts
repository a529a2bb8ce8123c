// The Kubernetes manifests, without a cluster. Needs kubectl:  node --test test/deploy/manifests.test.ts
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { containersOf, type Manifest, parseManifests } from '../../scripts/manifests/manifest.ts'
import { problemsOf, render } from '../../scripts/validate-manifests.ts'
import { readConfig, roles, settings } from '../../src/config.ts'
import { noKubectl as skip } from '../support/kubectl.ts'
import { faults } from './broken-manifests.ts'

const root = join(import.meta.dirname, '../..')
const overlays: Record<string, string> = skip
  ? {}
  : {
      k8s: render(join(root, 'k8s')),
      'load-test': render(join(root, 'k8s/overlays/load-test')),
      keda: render(join(root, 'k8s/overlays/keda')),
      monitoring: render(join(root, 'k8s/overlays/monitoring')),
      production: renderProduction(),
      'production with monitoring': renderProduction(['../../monitoring']),
    }

describe('the Kubernetes manifests', { skip }, () => {
  for (const [name, yaml] of Object.entries(overlays)) {
    test(`${name} has no problem`, () => assert.deepEqual(problemsOf(parseManifests(yaml)), []))

    test(`${name} gives the shop settings and roles that it knows, with values that it takes`, () => {
      const manifests = parseManifests(yaml)
      for (const { container, env } of shopContainers(manifests)) {
        assert.ok((roles as readonly string[]).includes(container.args?.[0] ?? ''), container.name)
        for (const key of Object.keys(env)) assert.ok(key in settings.properties, `${container.name}: ${key}`)
        readConfig(env)
      }
    })

    test(`${name} has connections for every process that may run at once`, {
      skip: name.startsWith('production') && 'its PostgreSQL is none of ours',
    }, () => {
      const manifests = parseManifests(yaml)
      const [postgres] = manifests.filter(
        ({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'postgres',
      )
      const args = postgres?.spec?.template?.spec?.containers?.[0]?.args ?? []
      const room = Number(/max_connections=(\d+)/.exec(args.join(' '))?.[1]) - 3 // kept for superusers
      const config = readConfig(shopContainers(manifests)[0]?.env ?? {})
      const processes = mostReplicas(manifests, 'api') + mostReplicas(manifests, 'worker') + 2 // while they are replaced
      const wanted = processes * (config.DATABASE_POOL + 1) // one for health
      assert.ok(wanted <= room, `${wanted} connections are wanted, ${room} are there`)
    })

    test(`${name} gives pods longer to end than the shop takes to drain`, () => {
      const manifests = parseManifests(yaml)
      for (const { env, grace } of shopContainers(manifests)) {
        const { SHUTDOWN_DELAY, DRAIN_TIMEOUT } = readConfig(env)
        assert.ok(grace * 1000 > SHUTDOWN_DELAY + DRAIN_TIMEOUT, `${grace} s`)
      }
    })
  }

  test('the names are those of the original', () => {
    const names = parseManifests(overlays.k8s ?? '').map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    for (const name of [
      'Deployment/api',
      'Deployment/worker',
      'Service/api-service',
      'Service/rq-dashboard-svc',
      'HorizontalPodAutoscaler/api-hpa',
    ])
      assert.ok(names.includes(name), name)
  })

  test('on minikube two APIs start at once; in production the autoscaler alone has their number', () => {
    const replicas = (overlay: string) =>
      parseManifests(overlays[overlay] ?? '').find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'api',
      )?.spec?.replicas
    assert.equal(replicas('k8s'), 2)
    assert.equal(replicas('production'), undefined)
  })

  test('load-test turns the rate limit off, and the way back turns it on', () => {
    const limits = (overlay: string) => {
      const api = shopContainers(parseManifests(overlays[overlay] ?? '')).find(
        ({ container }) => container.name === 'api',
      )
      return readConfig(api?.env ?? {}).RATE_LIMIT
    }
    assert.equal(limits('load-test'), 'off')
    assert.equal(limits('k8s'), '10/minute')
  })

  test('production keeps its secrets out of every other object and believes one proxy', () => {
    const manifests = parseManifests(overlays.production ?? '')
    const rest = JSON.stringify(manifests.filter(({ kind }) => kind !== 'Secret'))
    assert.ok(!rest.includes('change-me'))
    assert.equal(manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.TRUST_PROXY, '1')
    assert.ok(!manifests.some(({ kind }) => kind === 'StatefulSet'))
  })

  test('the metrics are open to Prometheus alone, and it asks for them by names that exist', () => {
    for (const overlay of ['monitoring', 'production with monitoring']) {
      const manifests = parseManifests(overlays[overlay] ?? '')
      const opening = manifests.filter(
        ({ kind, spec }) =>
          kind === 'NetworkPolicy' &&
          spec?.ingress?.some(({ ports }) => !ports || ports.some(({ port }) => port === 'metrics' || port === 9464)),
      )
      assert.deepEqual(
        opening.map(({ metadata }) => metadata.name),
        ['prometheus-to-metrics'],
      )
      assert.deepEqual(
        opening[0]?.spec?.ingress?.map(({ from }) => from),
        [[{ podSelector: { matchLabels: { app: 'prometheus' } } }]],
      )
      const config = manifests.find(({ metadata }) => metadata.name.startsWith('prometheus-config'))?.data
      const names = [...(config?.['prometheus.yml'] ?? '').matchAll(/names: \[(.*?)\]/g)].map(([, name = '']) => name)
      assert.equal(names.length, 2)
      for (const name of names)
        assert.ok(
          manifests.some(({ kind, metadata }) => kind === 'Service' && metadata.name === name),
          name,
        )
    }
  })

  for (const { name, from, to, said, overlay } of faults) {
    test(`${name} is caught`, () => {
      const sound = overlays[overlay] ?? ''
      assert.ok(sound.includes(from), `the manifests hold no ${JSON.stringify(from)} any more`)
      const problems = problemsOf(parseManifests(sound.replace(from, to)))
      assert.ok(
        problems.some((problem) => said.test(problem)),
        `what was said: ${problems.join('\n') || 'nothing'}`,
      )
    })
  }

  test('a key that is there twice is caught', () => {
    assert.throws(() => parseManifests('kind: Service\nkind: Secret\n'), /unique/)
  })
})

/** How many pods of a Deployment an autoscaler may make, or it asks for. */
function mostReplicas(manifests: Manifest[], name: string): number {
  const scaler = manifests.find(({ spec }) => spec?.scaleTargetRef?.name === name)?.spec
  const deployment = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
  return scaler?.maxReplicas ?? scaler?.maxReplicaCount ?? deployment?.spec?.replicas ?? 1
}

/** The containers of the shop's own image, with the environment that they will see. */
function shopContainers(manifests: Manifest[]) {
  const data = (kind: string, name: string | undefined) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)?.data ?? {}
  const secret = (name: string | undefined, key: string) =>
    Buffer.from(data('Secret', name)[key] ?? '', 'base64').toString()
  const found = manifests.flatMap(({ spec }) => {
    const pod = spec?.template
    const grace = pod?.spec?.terminationGracePeriodSeconds ?? 30
    const ours = pod ? containersOf(pod).filter(({ image }) => image?.includes('ut3-tfu-api')) : []
    return ours.map((container) => {
      const env: Record<string, string> = {}
      for (const { configMapRef } of container.envFrom ?? []) Object.assign(env, data('ConfigMap', configMapRef?.name))
      for (const { name, value, valueFrom } of container.env ?? [])
        env[name] = value ?? secret(valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.key ?? '')
      return { container, env, grace }
    })
  })
  assert.ok(found.length >= 5)
  return found
}

/** As an operator would, with the secrets that stay out of git and, as wanted, with more resources. */
function renderProduction(resources: string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-'))
  try {
    cpSync(join(root, 'k8s'), folder, { recursive: true })
    const overlay = join(folder, 'overlays/production')
    cpSync(join(overlay, 'secrets.env.example'), join(overlay, 'secrets.env'))
    const more = resources.map((resource) => `  - ${resource}\n`).join('')
    const file = join(overlay, 'kustomization.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('resources:\n', `resources:\n${more}`))
    return render(overlay)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
