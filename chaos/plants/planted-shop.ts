import { readThenWrite } from '../../lab/naive/read-then-write.ts'
import { type Role, readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import type { ReplaceableParts } from '../../src/replaceable-parts.ts'
import { startShop } from '../../src/shop.ts'
import type { Plant } from '../options.ts'
import { checkThenActIntake } from './doubled.ts'
import { forgetfulIntake } from './lost.ts'
import { restockingCancel } from './restocked-twice.ts'
import { perProcessList } from './stale.ts'

// node chaos/plants/planted-shop.ts <plant> <role>: the shop, with one part replaced by a naive one.
const naive: Record<Plant, Partial<ReplaceableParts>> = {
  lost: { orderIntake: forgetfulIntake },
  doubled: { orderIntake: checkThenActIntake },
  oversold: { decideOrders: readThenWrite },
  stale: { productList: perProcessList },
  'restocked-twice': { cancelOrder: restockingCancel },
}

const [plant, role] = process.argv.slice(2) as [Plant, Role]
const config = readConfig(process.env)
const shop = await startShop({ config, role, log: createLogger(config.LOG_LEVEL), parts: naive[plant] })
process.once('SIGTERM', async () => {
  await shop.close()
  process.exit()
})
