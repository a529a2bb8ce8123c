import { scenarios } from '../scenarios.ts'
import { optionsOf, userOf } from './shop.ts'

export { setup } from './shop.ts'
export const options = optionsOf(scenarios.orders)
export default userOf(scenarios.orders)
