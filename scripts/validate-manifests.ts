// Checks Kubernetes manifests without a cluster:
//   node scripts/validate-manifests.ts [folder…]      renders each kustomization (k8s by default) and checks it
//   kubectl kustomize k8s | node scripts/validate-manifests.ts -
// A cluster knows more (admission, quotas, custom resources): `kubectl apply -k k8s --dry-run=server` asks one.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hardeningProblems } from './manifests/hardening.ts'
import { type Manifest, parseManifests } from './manifests/manifest.ts'
import { referenceProblems, skipped } from './manifests/references.ts'
import { schemaProblems } from './manifests/schema.ts'
import { valueProblems } from './manifests/values.ts'

/** Everything that is wrong with the manifests, a line each; empty if nothing is. */
export function problemsOf(manifests: Manifest[]): string[] {
  return [schemaProblems, valueProblems, referenceProblems, hardeningProblems].flatMap((check) => check(manifests))
}

/** The YAML of a kustomization's folder. @throws with kubectl's message */
export function render(folder: string): string {
  const { status, stdout, stderr, error } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
  if (error) throw new Error('kubectl is needed: https://kubernetes.io/docs/tasks/tools/', { cause: error })
  if (status !== 0) throw new Error(stderr.trim())
  return stdout
}

if (import.meta.main) {
  const sources = process.argv.length > 2 ? process.argv.slice(2) : ['k8s']
  for (const source of sources) {
    const manifests = parseManifests(source === '-' ? readFileSync(0, 'utf8') : render(source))
    if (manifests.length === 0) throw new Error(`${source}: there is no manifest`)
    const problems = problemsOf(manifests)
    for (const line of [...skipped(manifests), ...problems]) console.error(line)
    console.log(`${source}: ${manifests.length} manifests, ${problems.length} problems`)
    if (problems.length > 0) process.exitCode = 1
  }
}
