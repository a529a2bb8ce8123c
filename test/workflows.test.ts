import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { readText } from './support/markdown.ts'

interface Workflow {
  permissions: Record<string, string>
  concurrency: { group: string }
  jobs: Record<
    string,
    {
      'timeout-minutes'?: number
      permissions?: unknown
      steps: { uses?: string; run?: string; with?: Record<string, unknown> }[]
    }
  >
}

const root = join(import.meta.dirname, '..')
const files = readdirSync(join(root, '.github/workflows'))

/** YAML in which no key is there twice. */
const read = (file: string) => parse(readText(file), { strict: true, uniqueKeys: true })

describe('the workflows of GitHub Actions', () => {
  for (const file of files) {
    const text = readText(`.github/workflows/${file}`)
    const workflow: Workflow = read(`.github/workflows/${file}`)
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

    test(`${file} may read the repository and nothing else, and knows no secret`, () => {
      assert.deepEqual(workflow.permissions, { contents: 'read' })
      assert.ok(Object.values(workflow.jobs).every((job) => job.permissions === undefined))
      assert.doesNotMatch(text, /secrets|github\.token|GITHUB_TOKEN|pull_request_target/i)
      for (const { uses, with: options } of steps) {
        if (uses?.startsWith('actions/checkout')) assert.equal(options?.['persist-credentials'], false)
      }
    })

    test(`${file} ends in time, once for each branch, with actions of GitHub's own at a pinned major`, () => {
      assert.match(workflow.concurrency.group, /github\.ref/)
      for (const job of Object.values(workflow.jobs)) assert.ok(Number(job['timeout-minutes']) <= 40)
      for (const { uses } of steps) if (uses) assert.match(uses, /^actions\/[a-z-]+@v\d+$/)
    })

    test(`${file} puts nothing that a stranger wrote into a script`, () => {
      for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/)
    })
  }

  test('one of them runs .ci/run, which is a program', () => {
    const runs = files.flatMap((file) => {
      const { jobs }: Workflow = read(`.github/workflows/${file}`)
      return Object.values(jobs).flatMap((job) => job.steps.map(({ run }) => run))
    })
    assert.ok(runs.includes('.ci/run'))
    assert.ok(statSync(join(root, '.ci/run')).mode & 0o100)
  })

  test('newer versions are proposed of all that is pinned', () => {
    const { updates } = read('.github/dependabot.yml') as {
      updates: { 'package-ecosystem': string; directory: string }[]
    }
    const watched = updates.map((update) => update['package-ecosystem'])
    assert.deepEqual(watched, ['npm', 'github-actions', 'docker', 'docker-compose'])
  })
})
