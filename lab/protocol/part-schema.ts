import Type, { type Static } from 'typebox'

// What the lab says over HTTP is declared once, in this folder: the server, the command line and the page take their
// types from here. The page imports types only, so TypeBox does not reach the browser. Fields are only ever added.

/** Text in both languages. */
export const Text = Type.Object({ en: Type.String(), es: Type.String() })
export type Text = Static<typeof Text>

export const PartName = Type.Enum(['client', 'limiter', 'api', 'cache', 'queue', 'worker', 'database', 'health'])
export type PartName = Static<typeof PartName>

/** A part of the diagram and its source files, the main one first. */
export const Part = Type.Object({
  part: PartName,
  title: Text,
  /** What it does, in a sentence. */
  text: Text,
  /** Paths for `GET /lab/source/<path>`. */
  sources: Type.Array(Type.String()),
})
export type Part = Static<typeof Part>

/** The answer of `GET /lab/parts`. */
export const Parts = Type.Array(Part, {
  examples: [
    [
      {
        part: 'cache',
        title: { en: 'Cache', es: 'Caché' },
        text: { en: 'Keeps the catalogue.', es: 'Guarda el catálogo.' },
        sources: ['src/patterns/cache/cache-aside.ts'],
      },
    ],
  ],
})
