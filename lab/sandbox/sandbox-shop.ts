import { type Role, readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { startShop } from '../../src/shop.ts'
import { type NaivePart, naiveParts } from '../naive/naive-parts.ts'

// node sandbox-shop.ts <role> <ms before> <ms after> [naive part…], forked: the shop with the named naive parts. It ends
// when its parent ends.

/** Its only message to the parent. */
export type ShopMessage = { url: string } | { error: string; code?: string | undefined }

process.title = 'shop lab'
process.on('disconnect', () => process.exit(1))
process.on('SIGINT', () => {}) // the parent handles Ctrl-C
const [role, before, after, ...names] = process.argv.slice(2) as [Role, string, string, ...NaivePart[]]
const config = readConfig(process.env)
const log = createLogger(config.LOG_LEVEL)
try {
  const naive = naiveParts(new Set(names), { before: Number(before), after: Number(after) }, config, log)
  const shop = await startShop({ config, role, log, parts: naive })
  process.on('SIGTERM', () => void shop.close().finally(() => process.exit()))
  tell({ url: shop.urls.api ?? shop.urls.health ?? '' })
} catch (error) {
  tell({ error: String(error), code: (error as NodeJS.ErrnoException).code })
  process.exit(1)
}

function tell(message: ShopMessage): void {
  process.send?.(message)
}
