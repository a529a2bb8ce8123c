import type * as k8s from '@kubernetes/client-node'
import { parseAllDocuments } from 'yaml'

export type Labels = Record<string, string>

/** Selects nothing when absent and everything when empty. */
export interface Selector {
  matchLabels?: Labels
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** A Kubernetes object, with those parts of its specification that the checks follow. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Labels }
  data?: Record<string, string>
  stringData?: Record<string, string>
  automountServiceAccountToken?: boolean
  spec?: {
    replicas?: number
    serviceName?: string
    selector?: Selector & Labels
    podSelector?: Selector
    template?: k8s.V1PodTemplateSpec
    volumeClaimTemplates?: { metadata: { name: string } }[]
    ports?: k8s.V1ServicePort[]
    strategy?: k8s.V1DeploymentStrategy
    scaleTargetRef?: { kind?: string; name: string }
    /** Of a HorizontalPodAutoscaler, and of KEDA's ScaledObject. */
    minReplicas?: number
    minReplicaCount?: number
    maxReplicas?: number
    maxReplicaCount?: number
    ingress?: { from?: k8s.V1NetworkPolicyPeer[]; ports?: k8s.V1NetworkPolicyPort[] }[]
    egress?: k8s.V1NetworkPolicyEgressRule[]
    rules?: k8s.V1IngressRule[]
    defaultBackend?: k8s.V1IngressBackend
  }
}

/** The objects of a YAML stream. @throws on what is not YAML, repeats a key, or is not a Kubernetes object */
export function parseManifests(yaml: string): Manifest[] {
  const objects = parseAllDocuments(yaml, { merge: true }).flatMap((document) => {
    const [error] = document.errors
    if (error) throw error
    return (document.toJS() ?? []) as Manifest
  })
  for (const { apiVersion, kind, metadata } of objects) {
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata?.name !== 'string')
      throw new Error(`not a Kubernetes object: apiVersion ${apiVersion}, kind ${kind}, name ${metadata?.name}`)
  }
  return objects
}

export const nameOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`

/**
 * Of a kind that the cluster does not know by itself, as KEDA's: such groups have a domain of their own, while
 * Kubernetes' own groups have none or end in `k8s.io`.
 */
export function isCustom({ apiVersion }: Manifest): boolean {
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : []
  return group.includes('.') && !group.endsWith('.k8s.io')
}

/** What is selected: every condition holds. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels = {}): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'Exists') return value !== undefined
      if (operator === 'DoesNotExist') return value === undefined
      const listed = value !== undefined && values.includes(value)
      return operator === 'NotIn' ? !listed : listed
    })
  )
}

/** The containers of a pod, those that run before it included. */
export function containersOf(pod: k8s.V1PodTemplateSpec): k8s.V1Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
}
