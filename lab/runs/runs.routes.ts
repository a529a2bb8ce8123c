import Type from 'typebox'
import { problems } from '../../src/http/problem.ts'
import type { App } from '../../src/http/validation.ts'
import type { eventStreams } from '../lab-streams.ts'
import { NewRun, Run, RunStarted, RunSummaries } from '../protocol/run-schema.ts'
import type { LabRuns } from './lab-runs.ts'

const config = { unlimited: true }
const tags = ['lab']
const RunParams = Type.Object(
  { run_id: Type.String({ description: 'the id of a run', pattern: '^[a-z0-9-]{1,64}$' }) },
  { additionalProperties: false },
)

interface Options {
  runs: LabRuns
  stream: ReturnType<typeof eventStreams>
  /** How long a stream may stay open, in milliseconds. */
  streamMs: number
}

export async function runRoutes(app: App, { runs, stream, streamMs }: Options): Promise<void> {
  app.post(
    '/lab/runs',
    {
      config,
      schema: {
        operationId: 'startRun',
        tags,
        summary: 'Run an experiment; one at a time',
        description: 'In a sandbox of its own: the shop is not touched.',
        body: NewRun,
        response: { 202: RunStarted, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { run_id } = runs.start(request.body)
      return reply.code(202).header('location', `/lab/runs/${run_id}`).send({ run_id })
    },
  )

  app.get(
    '/lab/runs',
    {
      config,
      schema: {
        operationId: 'listRuns',
        tags,
        summary: 'The kept runs, newest first',
        description: 'Without their figures.',
        response: { 200: RunSummaries },
      },
    },
    async () => runs.list(),
  )

  app.get(
    '/lab/runs/:run_id',
    {
      config,
      schema: {
        operationId: 'getRun',
        tags,
        summary: 'One run',
        description: 'With its figures, as far as it has come.',
        params: RunParams,
        response: { 200: Run, ...problems(404) },
      },
    },
    async (request) => runs.find(request.params.run_id),
  )

  app.delete(
    '/lab/runs/:run_id',
    {
      config,
      schema: {
        operationId: 'removeRun',
        tags,
        summary: 'Stop a run in progress, or remove one that has ended',
        description: 'A run in progress stops, and is kept.',
        params: RunParams,
        response: {
          202: Type.Null({ description: 'It is stopping, and is kept as far as it came' }),
          204: Type.Null({ description: 'Removed' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const done = await runs.remove(request.params.run_id)
      return reply.code(done === 'stopping' ? 202 : 204).send(null)
    },
  )

  app.get(
    '/lab/runs/:run_id/events',
    { config: { ...config, waitMs: streamMs }, schema: { hide: true, params: RunParams } },
    async (request, reply) => stream(reply, await runs.follow(request.params.run_id)),
  )
}
