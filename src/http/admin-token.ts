import { ProblemError } from './errors.ts'
import { bearerToken, sameSecret } from './same-secret.ts'
import type { App } from './validation.ts'

/**
 * Lets only who knows the token through to the routes that say `config: { admin: true }`: catalogue writes, customer
 * data, `/cache` and `/metrics`. A shopper's way stays open: to read the catalogue, to register (`POST /customers/`), to
 * order, to see and to cancel orders. Shoppers have no accounts here, so orders are everybody's; they hold no name and no
 * address, only a customer's number.
 *
 * To be added after the rate limit, so that guesses are counted.
 */
export function requireAdminToken(app: App, token: string): void {
  app.addHook('onRequest', async (request) => {
    if (!request.routeOptions.config.admin) return
    const given = bearerToken(request.headers.authorization)
    if (given !== undefined && sameSecret(given, token)) return
    const challenge = 'Bearer realm="shop administration"'
    throw new ProblemError(
      401,
      'admin_token_required',
      'This needs the shop\'s ADMIN_TOKEN: "Authorization: Bearer …".',
      {
        headers: { 'www-authenticate': given === undefined ? challenge : `${challenge}, error="invalid_token"` },
      },
    )
  })
}
