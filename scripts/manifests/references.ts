import type * as k8s from '@kubernetes/client-node'
import { containersOf, isCustom, type Manifest, nameOf, type Selector, selects } from './manifest.ts'

type Pod = k8s.V1PodTemplateSpec

/**
 * Names, labels and ports that lead nowhere. One namespace is assumed, and that all of it is among the manifests: what
 * comes from elsewhere (an Ingress' certificate) is not looked for.
 */
export function referenceProblems(manifests: Manifest[]): string[] {
  const pods = manifests.flatMap(({ spec }) => spec?.template ?? [])
  const find = (kind: string, name: string | undefined) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)

  return manifests.flatMap((manifest) => {
    const problems: string[] = []
    const need = (kind: string, name: string | undefined) => {
      if (name !== undefined && !find(kind, name)) problems.push(`there is no ${kind} ${name}`)
    }
    const needKey = (who: string, kind: string, name: string | undefined, key: string) => {
      const source = find(kind, name)
      if (source && !(key in { ...source.data, ...source.stringData }))
        problems.push(`${who} wants ${key} of ${kind} ${name}, which has no such key`)
    }
    const { kind, spec = {} } = manifest
    if (kind === 'Service' && spec.selector) {
      const chosen = select({ matchLabels: spec.selector })
      for (const { port, targetPort = port } of spec.ports ?? []) needPort(chosen, targetPort)
    } else if (spec.template) {
      if (spec.selector && !selects(spec.selector, spec.template.metadata?.labels))
        problems.push('its selector does not select its own pods')
      pod(spec.template)
    } else if (kind === 'PodDisruptionBudget' && spec.selector) select(spec.selector)
    if (kind === 'NetworkPolicy') networkPolicy()
    if (kind === 'StatefulSet') need('Service', spec.serviceName)
    if (spec.scaleTargetRef) scaler(spec.scaleTargetRef)
    for (const backend of backends()) {
      need('Service', backend.name)
      const ports = find('Service', backend.name)?.spec?.ports ?? []
      const { name, number } = backend.port ?? {}
      if (!ports.some((port) => (name ? port.name === name : port.port === number)))
        problems.push(`Service ${backend.name} has no port ${name ?? number}`)
    }
    return problems.map((problem) => `${nameOf(manifest)}: ${problem}`)

    function select(selector: Selector): Pod[] {
      const chosen = pods.filter(({ metadata }) => selects(selector, metadata?.labels))
      if (chosen.length === 0) problems.push(`no pod is selected by ${JSON.stringify(selector)}`)
      for (const { key, operator, values = [] } of selector.matchExpressions ?? [])
        for (const value of operator === 'In' ? values : [])
          if (!pods.some(({ metadata }) => metadata?.labels?.[key] === value))
            problems.push(`no pod is ${key}: ${value}`)
      return chosen
    }

    function needPort(chosen: Pod[], wanted: string | number): void {
      for (const { spec } of chosen) {
        const ports = spec?.containers.flatMap((container) => container.ports ?? []) ?? []
        if (!ports.some(({ name, containerPort }) => name === wanted || containerPort === wanted))
          problems.push(`a selected pod opens no port ${wanted}`)
      }
    }

    function scaler({ kind: target = 'Deployment', name }: { kind?: string; name: string }): void {
      need(target, name)
      const { replicas } = find(target, name)?.spec ?? {}
      if (replicas !== undefined && replicas !== spec.minReplicas)
        problems.push(`${target} ${name} has ${replicas} replicas of its own, to which every apply would set it back`)
      const others = manifests.filter(({ spec }) => spec?.scaleTargetRef?.name === name)
      if (others.length > 1) problems.push(`${target} ${name} is scaled by ${others.map(nameOf).join(' and ')}`)
    }

    function networkPolicy(): void {
      const chosen = select(spec.podSelector ?? {})
      const peers = [
        ...(spec.ingress ?? []).flatMap((rule) => rule.from ?? []),
        ...(spec.egress ?? []).flatMap((rule) => rule.to ?? []),
      ]
      for (const { namespaceSelector, podSelector } of peers)
        if (podSelector && !namespaceSelector) select(podSelector as Selector)
      for (const { port } of (spec.ingress ?? []).flatMap(({ ports = [] }) => ports))
        if (port !== undefined) needPort(chosen, port)
    }

    function backends(): k8s.V1IngressServiceBackend[] {
      if (kind !== 'Ingress') return []
      const paths = (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? [])
      return [spec.defaultBackend, ...paths.map(({ backend }) => backend)].flatMap((backend) => backend?.service ?? [])
    }

    function pod(template: Pod): void {
      const { serviceAccountName, topologySpreadConstraints = [], volumes = [] } = template.spec ?? {}
      need('ServiceAccount', serviceAccountName)
      for (const { labelSelector } of topologySpreadConstraints)
        if (labelSelector && !selects(labelSelector as Selector, template.metadata?.labels))
          problems.push('it is spread by labels that its pods lack')
      for (const { name: volume, configMap, secret, persistentVolumeClaim } of volumes) {
        if (!configMap?.optional) need('ConfigMap', configMap?.name)
        if (!secret?.optional) need('Secret', secret?.secretName)
        for (const { key } of configMap?.items ?? []) needKey(`volume ${volume}`, 'ConfigMap', configMap?.name, key)
        for (const { key } of secret?.items ?? []) needKey(`volume ${volume}`, 'Secret', secret?.secretName, key)
        need('PersistentVolumeClaim', persistentVolumeClaim?.claimName)
      }
      const mountable = [
        ...volumes.map(({ name }) => name),
        ...(spec.volumeClaimTemplates ?? []).map((v) => v.metadata.name),
      ]
      for (const container of containersOf(template)) {
        for (const { name } of container.volumeMounts ?? [])
          if (!mountable.includes(name))
            problems.push(`${container.name} mounts ${name}, which is no volume of its pod`)
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
          const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port
          if (port !== undefined && !container.ports?.some((p) => p.name === port || p.containerPort === port))
            problems.push(`${container.name} is probed at port ${port}, which it does not open`)
        }
        environment(container)
      }
    }

    function environment({ name, env = [], envFrom = [] }: k8s.V1Container): void {
      for (const { configMapRef, secretRef } of envFrom) {
        if (!configMapRef?.optional) need('ConfigMap', configMapRef?.name)
        if (!secretRef?.optional) need('Secret', secretRef?.name)
      }
      for (const { valueFrom: { configMapKeyRef, secretKeyRef } = {} } of env)
        for (const [kind, ref] of [['ConfigMap', configMapKeyRef] as const, ['Secret', secretKeyRef] as const]) {
          if (!ref || ref.optional) continue
          need(kind, ref.name)
          needKey(name, kind, ref.name, ref.key)
        }
    }
  })
}

/** The kinds whose fields nobody checked, a line each. */
export const skipped = (manifests: Manifest[]) =>
  manifests.filter(isCustom).map((m) => `${nameOf(m)}: fields not checked, ${m.apiVersion} is a custom resource`)
