import { readFileSync } from 'node:fs'

/** An answer of ours to `GET /products/`, as it was recorded in the file that `LIST_ANSWER` names. */
export function listAnswer(): { headers: Record<string, string>; body: string } {
  return JSON.parse(readFileSync(process.env.LIST_ANSWER ?? '', 'utf8'))
}
