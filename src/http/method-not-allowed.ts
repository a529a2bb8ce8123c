import { METHODS } from 'node:http'
import type { RouteOptions } from 'fastify'
import { ProblemError } from './errors.ts'
import type { App } from './validation.ts'

/** Every method that Node reads; CONNECT never comes to a handler. */
const methods = METHODS.filter((method) => method !== 'CONNECT')

/** The methods of each path, collected from now on. */
export function collectRoutes(app: App): Map<string, Set<string>> {
  const routes = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const path = url.length > 1 && url.endsWith('/') ? url.slice(0, -1) : url
    const known = routes.get(path) ?? new Set()
    for (const name of [method].flat()) known.add(name)
    routes.set(path, known)
  })
  return routes
}

/** Answers 405 with `Allow` to a known path with a method it does not take, before the body is read. */
export function refuseOtherMethods(app: App, routes: Map<string, Set<string>>): void {
  for (const method of methods) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  for (const [url, known] of [...routes]) {
    if (url.includes('*')) continue
    const allow = [...known].join(', ')
    app.route({
      method: methods.filter((method) => !known.has(method)),
      url,
      config: { unlimited: true },
      schema: { hide: true },
      onRequest: async (request) => {
        throw new ProblemError(
          405,
          'method_not_allowed',
          `${request.method} is not for this path; it takes ${allow}.`,
          { headers: { allow } },
        )
      },
      handler: async () => {},
    })
  }
}
