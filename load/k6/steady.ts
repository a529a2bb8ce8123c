import { scenarios } from '../scenarios.ts'
import { optionsOf, userOf } from './shop.ts'

export { setup } from './shop.ts'
export const options = optionsOf(scenarios.steady)
export default userOf(scenarios.steady)
