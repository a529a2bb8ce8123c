import { type Manifest, nameOf } from './manifest.ts'

/** Fields whose values the API server takes from a list, but the client's types leave as text. */
const lists: Record<string, string[]> = {
  imagePullPolicy: ['Always', 'IfNotPresent', 'Never'],
  restartPolicy: ['Always', 'OnFailure', 'Never'],
  externalTrafficPolicy: ['Cluster', 'Local'],
  internalTrafficPolicy: ['Cluster', 'Local'],
  whenUnsatisfiable: ['DoNotSchedule', 'ScheduleAnyway'],
  podManagementPolicy: ['OrderedReady', 'Parallel'],
  protocol: ['TCP', 'UDP', 'SCTP'],
  pathType: ['Exact', 'Prefix', 'ImplementationSpecific'],
  policyTypes: ['Ingress', 'Egress'],
  accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
  operator: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Equal', 'Gt', 'Lt'],
  medium: ['', 'Memory', 'HugePages'],
}
/** `type` means something else in each place; the key above it says where. */
const types: Record<string, string[]> = {
  strategy: ['RollingUpdate', 'Recreate'],
  updateStrategy: ['RollingUpdate', 'OnDelete'],
  seccompProfile: ['RuntimeDefault', 'Localhost', 'Unconfined'],
  target: ['Utilization', 'Value', 'AverageValue'],
  metrics: ['Resource', 'Pods', 'Object', 'External', 'ContainerResource'],
}
const serviceTypes = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']
const quantities = new Set(['cpu', 'memory', 'storage', 'sizeLimit', 'averageValue', 'ephemeral-storage'])
const QUANTITY = /^\d+(\.\d+)?(m|[kMGTPE]i?|Ki)?$/
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const LABEL = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

/** Values of the right type that the API server would refuse all the same: enumerations, quantities, names, labels. */
export function valueProblems(manifests: Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const problems: string[] = []
    const oneOf = (path: string[], value: unknown, allowed: string[] | undefined) => {
      if (allowed && typeof value === 'string' && !allowed.includes(value))
        problems.push(`${path.join('.')}: ${value} is none of ${allowed.join(', ')}`)
    }
    if (!NAME.test(manifest.metadata.name)) problems.push('its name has characters that a name may not have')
    for (const [key, value] of Object.entries(manifest.metadata.labels ?? {}))
      if (!LABEL.test(value)) problems.push(`label ${key}: ${value} has characters that a label may not have`)
    if (manifest.kind === 'Service') oneOf(['spec', 'type'], Reflect.get(manifest.spec ?? {}, 'type'), serviceTypes)
    walk(manifest.spec, ['spec'])
    return problems.map((problem) => `${nameOf(manifest)}: ${problem}`)

    function walk(node: unknown, path: string[]): void {
      if (typeof node === 'object' && node !== null) {
        for (const [key, value] of Object.entries(node)) walk(value, [...path, key])
        if ('limits' in node && 'requests' in node) withinLimits(node.limits, node.requests, path)
        return
      }
      const keys = path.filter((key) => !/^\d+$/.test(key))
      const [key = '', parent = ''] = keys.toReversed()
      oneOf(path, node, key === 'type' ? types[parent] : Object.hasOwn(lists, key) ? lists[key] : undefined)
      if (quantities.has(key) && typeof node === 'string' && parent !== 'labels' && !QUANTITY.test(node))
        problems.push(`${path.join('.')}: ${node} is no quantity`)
    }

    function withinLimits(limits: unknown, requests: unknown, path: string[]): void {
      for (const [key, limit] of Object.entries(limits ?? {})) {
        const request: unknown = Reflect.get(Object(requests), key)
        if (typeof request === 'string' && amount(request) > amount(String(limit)))
          problems.push(`${path.join('.')}: requests more ${key} (${request}) than its limit (${limit})`)
      }
    }
  })
}

const powers = ['', 'k', 'M', 'G', 'T', 'P', 'E']

/** `500m` → 0.5, `1Gi` → 2³⁰. */
export function amount(quantity: string): number {
  const [, number, unit = ''] = /^([\d.]+)(.*)$/.exec(quantity) ?? []
  if (unit === 'm') return Number(number) / 1000
  const power = powers.indexOf(unit.charAt(0) === 'K' ? 'k' : unit.charAt(0))
  return Number(number) * (unit.endsWith('i') ? 1024 : 1000) ** power
}
