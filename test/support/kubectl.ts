import { spawnSync } from 'node:child_process'

/** Why the manifests cannot be rendered, or undefined: to be given to a test's `skip`, so that it is said loudly. */
export const noKubectl =
  spawnSync('kubectl', ['version', '--client']).status === 0
    ? undefined
    : 'no kubectl: https://kubernetes.io/docs/tasks/tools/'
if (noKubectl && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noKubectl}`)
