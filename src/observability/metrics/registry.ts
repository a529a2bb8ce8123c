import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export type { Registry }

/**
 * The metrics of one shop. It belongs to that shop, not to the process: the library's own global registry would mix the
 * shops that tests open side by side, and refuse the second one's names.
 *
 * It starts with what every Node process can tell, under the names that dashboards elsewhere know (`process_…`,
 * `nodejs_…`, with the event loop's lag), and with `shop_build_info`. All else is added by the other files here, each of
 * which watches one part from outside.
 */
export function createRegistry(about: { version: string; role: string }): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'shop_build_info',
    help: 'Always 1; the labels say which version runs, as what, and on which Node.',
    labelNames: ['version', 'role', 'node_version'],
    registers: [registry],
  }).set({ ...about, node_version: process.version }, 1)
  return registry
}
