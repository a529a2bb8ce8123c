// @ts-check
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Part } from '../protocol/part-schema.ts' */
/** @import { Run, RunSummary } from '../protocol/run-schema.ts' */

/** An answer that is not 2xx, with the detail and code of its problem document. */
export class Refused extends Error {
  /** @param {number} status @param {{ code?: string, detail?: string }} problem */
  constructor(status, problem) {
    super(problem.detail ?? `HTTP ${status}`)
    this.status = status
    this.code = problem.code ?? ''
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>} the JSON of the answer, or its text
 * @throws {Refused}
 */
async function ask(path, options) {
  const response = await fetch(path, { headers: { accept: 'application/json' }, ...options })
  const text = await response.text()
  const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined
  if (!response.ok) throw new Refused(response.status, json ?? {})
  return json ?? text
}

/** @returns {Promise<Part[]>} */
export const parts = () => ask('/lab/parts')

/** The text of a source file. @param {string} path @returns {Promise<string>} */
export const source = (path) => ask(`/lab/source/${path}`)

/** @returns {Promise<Experiment[]>} */
export const experiments = () => ask('/lab/experiments')

/** Kept runs and the one in progress, the newest first. @returns {Promise<RunSummary[]>} */
export const runs = () => ask('/lab/runs')

/** @param {string} id @returns {Promise<Run>} */
export const run = (id) => ask(`/lab/runs/${encodeURIComponent(id)}`)

/**
 * @param {string} experiment @param {Record<string, string | number>} settings
 * @returns {Promise<{ run_id: string }>}
 */
export const start = (experiment, settings) =>
  ask('/lab/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment, settings }),
  })

/** Stops the run in progress, or removes a kept one. @param {string} id */
export const remove = (id) => ask(`/lab/runs/${encodeURIComponent(id)}`, { method: 'DELETE' })
