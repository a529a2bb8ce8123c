import type { Extension } from '../app.ts'
import type { Config, Role } from '../config.ts'
import type { Logger } from '../log.ts'
import type { Tracing } from '../observability/tracing/tracing.ts'
import type { ReplaceableParts } from '../replaceable-parts.ts'
import type { Shutdown } from '../shutdown.ts'

/** What each role is started with. */
export interface Context {
  config: Config
  role: Role
  log: Logger
  parts: ReplaceableParts
  extensions: readonly Extension[]
  tracing: Tracing | undefined
  /** Ends a start that waits for its database. */
  stop: AbortSignal
  shutdown: Shutdown
  /** Where servers listen, by their names; each server adds its own. */
  urls: Record<string, string>
}
