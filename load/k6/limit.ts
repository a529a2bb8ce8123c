import { scenarios } from '../scenarios.ts'
import { optionsOf, userOf } from './shop.ts'

export { setup } from './shop.ts'
export const options = optionsOf(scenarios.limit)
export default userOf(scenarios.limit)
