import { containersOf, type Manifest, nameOf } from './manifest.ts'

/**
 * What every pod here must have: the restricted level of the Pod Security Standards (which an admission controller would
 * ask for, and no schema knows), a file system that is read-only, no token of the API server, probes, and requests and
 * limits, without which an autoscaler by utilization does nothing.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function hardeningProblems(manifests: Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const pod = manifest.spec?.template?.spec
    if (!pod || !manifest.spec?.template) return []
    const problems: string[] = []
    const must = (holds: boolean | undefined, rule: string) => {
      if (!holds) problems.push(`${nameOf(manifest)}: ${rule}`)
    }
    must(pod.automountServiceAccountToken === false, 'its pods get a token (automountServiceAccountToken)')
    must(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, "it shares the host's namespaces")
    must(!pod.volumes?.some(({ hostPath }) => hostPath), 'it mounts a path of the host')

    for (const container of containersOf(manifest.spec.template)) {
      const { name, resources, securityContext: own = {} } = container
      const both = { ...pod.securityContext, ...own }
      must(both.runAsNonRoot && both.runAsUser !== 0, `${name} may run as root (runAsNonRoot)`)
      must(['RuntimeDefault', 'Localhost'].includes(both.seccompProfile?.type ?? ''), `${name} has no seccompProfile`)
      must(own.allowPrivilegeEscalation === false && !own.privileged, `${name} may gain privileges`)
      must(own.capabilities?.drop?.includes('ALL'), `${name} keeps capabilities`)
      must(own.readOnlyRootFilesystem, `${name} can write to its root file system`)
      for (const key of ['cpu', 'memory'])
        must(
          key in (resources?.requests ?? {}) && key in (resources?.limits ?? {}),
          `${name} lacks a ${key} request or limit`,
        )
      if (!pod.containers.includes(container) || manifest.kind === 'Job') continue
      must(container.livenessProbe !== undefined, `${name} has no livenessProbe`)
      must(container.readinessProbe !== undefined, `${name} has no readinessProbe`)
    }
    return problems
  })
}
