import Type from 'typebox'

/** The lab's own setting, which the shop does not read. Declared as the shop's are, see `src/config.ts`. */
export const labSettings = Type.Object({
  LAB: Type.Optional(
    Type.Enum(['on', 'off'], {
      description: 'The lab at `/lab`, for this machine alone; unset, it is on where the database is embedded',
    }),
  ),
})
