import { scenarios } from '../scenarios.ts'
import { optionsOf, userOf } from './shop.ts'

export { setup } from './shop.ts'
export const options = optionsOf(scenarios.soak)
export default userOf(scenarios.soak)
