import Type, { type Static } from 'typebox'
import { PAGE_MAX, type Page } from '../db/page.ts'

/** The query of a list: `limit` rows with ids above `after` (keyset pagination). */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: PAGE_MAX, description: `How many at most; ${PAGE_MAX} by default` }),
    ),
    after: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'The last id already seen' })),
  },
  { additionalProperties: false },
)
export type PageQuery = Static<typeof PageQuery>

/** The `Link: rel="next"` header of a page, or none when it was the last, or the newest rows. */
export function nextLink(path: string, { limit, after }: Page, rows: { id: number }[]): Record<string, string> {
  const size = limit ?? (after === undefined ? undefined : PAGE_MAX)
  const last = rows.at(-1)
  return last && rows.length === size ? { link: `<${path}?limit=${size}&after=${last.id}>; rel="next"` } : {}
}
