import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { until } from '../support/until.ts'

/** A process under measurement. */
export interface Process {
  pid: number
  /** SIGTERM, and its end; SIGKILL when that takes over 15 s. */
  stop(): Promise<void>
}

interface Launch {
  command: readonly string[]
  env: Record<string, string>
  /** A file that takes what it prints, as a container's log would. */
  log: string
  cwd?: string
  /** Processor cores it may use, as `taskset -c` takes them; all of them when undefined. */
  cpus?: string | undefined
  /** Whether it is ready, asked again and again. */
  ready: () => boolean | Promise<boolean>
}

/** They end with this process, however it ends. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a process and waits until it is ready. @throws with the end of its log when it ends before that */
export async function startProcess({ command, env, log, cwd, cpus, ready }: Launch): Promise<Process> {
  const [program = '', ...args] = cpus === undefined ? command : ['taskset', '-c', cpus, ...command]
  const output = openSync(log, 'a')
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  running.add(child)
  child.once('exit', () => running.delete(child))
  let failed: Error | undefined
  child.once('error', (error) => {
    failed = error
  })
  const ended = () => failed !== undefined || child.exitCode !== null || child.signalCode !== null
  try {
    await until(async () => ended() || (await ready()))
    if (ended())
      throw new Error(`${command.join(' ')} ended:\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause: failed })
  } catch (error) {
    await end(child)
    throw error
  }
  return { pid: child.pid ?? 0, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const kill = setTimeout(() => child.kill('SIGKILL'), 15_000)
  child.kill('SIGTERM')
  await exited
  clearTimeout(kill)
}
