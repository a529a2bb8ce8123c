import { type ChildProcess, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Process {
  pid: number
  command: string
}

/** The processes below one, as `ps` has them. */
export function descendants({ pid: root }: ChildProcess): Process[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const all = [...stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(([, pid, parent, command = '']) => ({
    pid: Number(pid),
    parent: Number(parent),
    command,
  }))
  const below = (pid: number): typeof all => {
    const children = all.filter(({ parent }) => parent === pid)
    return children.flatMap((child) => [child, ...below(child.pid)])
  }
  return below(root ?? -1)
}

/** Alive, and no zombie that waits to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
