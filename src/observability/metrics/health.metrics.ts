import { Gauge } from 'prom-client'
import type { HealthMonitor } from '../../patterns/health/health-monitor.ts'
import type { Registry } from './registry.ts'

/** What `/health` says of each dependency, as figures. */
export function observeHealth(monitor: HealthMonitor, registry: Registry): void {
  new Gauge({
    name: 'shop_dependency_up',
    help: '1 while the dependency answers, else 0.',
    labelNames: ['dependency'],
    registers: [registry],
    async collect() {
      const { checks } = await monitor.check()
      for (const [dependency, { status }] of Object.entries(checks)) this.set({ dependency }, status === 'ok' ? 1 : 0)
    },
  })
}
