import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as client from '@kubernetes/client-node'
import { isCustom, type Manifest, nameOf } from './manifest.ts'

const modules = join(import.meta.dirname, '../../node_modules')

/**
 * Unknown fields, wrong types and missing fields, by the types that the Kubernetes client declares for what it sends:
 * each manifest becomes a TypeScript literal, and the compiler says what does not fit. It may name one fault of an object
 * at a time. Custom kinds are left out, since the client knows nothing of them.
 */
export function schemaProblems(manifests: Manifest[]): string[] {
  const problems: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'))
  try {
    symlinkSync(modules, join(folder, 'node_modules'), 'junction')
    const literals: { manifest: Manifest; lines: string[] }[] = []
    for (const manifest of manifests.filter((candidate) => !isCustom(candidate))) {
      const body = bodyType(manifest)
      if (!body) {
        problems.push(`${nameOf(manifest)}: ${manifest.apiVersion} has no kind ${manifest.kind}`)
        continue
      }
      // The client spells the one field here that is a reserved word with an underscore.
      const text = JSON.stringify(manifest, null, 1)
      const spelt = manifest.kind === 'NetworkPolicy' ? text.replaceAll('"from": [', '"_from": [') : text
      const literal = `import type * as k8s from '@kubernetes/client-node'
export default ${spelt} satisfies ${body}`
      writeFileSync(join(folder, `${literals.length}.ts`), literal)
      literals.push({ manifest, lines: literal.split('\n') })
    }
    for (const { file, line, message } of compile(folder, literals.length)) {
      const { manifest, lines } = literals[file]!
      problems.push(`${nameOf(manifest)}: ${lines[line - 1]?.trim().replace(/,$/, '')}: ${message}`)
    }
    return problems
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The type of what the client's `create` call for this kind takes, or undefined if no API has it. */
function bodyType({ apiVersion, kind }: Manifest): string | undefined {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  const words = [...group.replace(/\.k8s\.io$/, '').split('.'), version]
  const api = `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Api`
  const calls: object = (Reflect.get(client, api) as { prototype: object } | undefined)?.prototype ?? {}
  for (const scope of ['Namespaced', ''])
    if (`create${scope}${kind}` in calls) return `k8s.${api}Create${scope}${kind}Request['body']`
  return undefined
}

function compile(folder: string, files: number): { file: number; line: number; message: string }[] {
  if (files === 0) return []
  const options = '--noEmit --strict --skipLibCheck --ignoreConfig --module nodenext --pretty false'.split(' ')
  const names = Array.from({ length: files }, (_, index) => `${index}.ts`)
  const tsc = join(modules, '.bin/tsc')
  const { status, stdout, stderr } = spawnSync(tsc, [...options, ...names], { cwd: folder, encoding: 'utf8' })
  const found = [...stdout.matchAll(/^(\d+)\.ts\((\d+),\d+\): error \w+: (.*)$/gm)].map(
    ([, file, line, message = '']) => ({ file: Number(file), line: Number(line), message: shorten(message) }),
  )
  if (status !== 0 && found.length === 0) throw new Error(`the compiler failed: ${stdout}${stderr}`)
  return found
}

/** Without the literal's own type, which is the manifest once more. */
const shorten = (message: string) =>
  message
    .replace(/ in type '\{.*\}' but/, ' but')
    .replaceAll("''", "'")
    .replace(/Type '\{.*\}' is/, 'this is')
