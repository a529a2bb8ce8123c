/**
 * **The problem.** A process that hangs must be restarted, so an orchestrator asks each whether it lives, and kills it
 * after a few answers of the wrong kind.
 *
 * **What this does.** It asks `/health`, which looks at everything that the process needs. More is checked, so it must be
 * better; many a Deployment has it so.
 *
 * **What goes wrong.** The database is away for half a minute. Every process says so, truthfully, and every process is
 * killed, again and again. Nothing is cured by that. What still worked is gone, the catalogue that was served from the
 * cache first of all; and when the database is back, everything starts at once, cold.
 *
 * **The right one** is `/health/live` (`src/patterns/health/health.routes.ts`): it fails for what a restart cures, and so touches
 * no dependency. What the process needs is told by `/health/ready`, and the answer to that is to send it no requests.
 * See `docs/adr/0010-probes.md`.
 */
export const naiveLiveness = '/health'
