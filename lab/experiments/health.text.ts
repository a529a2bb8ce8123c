import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const health: Experiment = {
  id: 'health',
  title: { en: 'The database goes away', es: 'La base de datos se cae' },
  hypothesis: {
    en: 'While the database is away, a liveness probe that checks it kills healthy processes again and again, and with them the catalogue that the cache could still serve. A probe that only checks whether the process answers kills none.',
    es: 'Mientras la base de datos está caída, una sonda de vida que la comprueba mata una y otra vez procesos sanos, y con ellos el catálogo que la caché todavía podía servir. Una sonda que solo comprueba que el proceso responde no mata ninguno.',
  },
  why: {
    en: 'Liveness asks whether a restart would help. Readiness asks whether the process may receive requests. Health reports how each part is doing. A database that is away is no reason to restart the processes that wait for it. A part that the shop can do without is no reason to take the process out of service: it is degraded, and still ready.',
    es: 'La sonda de vida pregunta si ayudaría reiniciar. La de disponibilidad pregunta si el proceso puede recibir peticiones. La de salud informa cómo está cada parte. Una base de datos caída no es razón para reiniciar los procesos que la esperan. Una parte de la que la tienda puede prescindir no es razón para sacar el proceso de servicio: está degradado, y todavía disponible.',
    sources: [
      {
        title: 'Health Endpoint Monitoring pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/health-endpoint-monitoring',
      },
      {
        title: 'Kubernetes: Configure Liveness, Readiness and Startup Probes',
        url: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
      },
    ],
  },
  settings: [
    count('outage_s', 'How long the database is away', 'Cuánto tiempo está caída la base de datos', {
      default: 9,
      min: 4,
      max: 40,
      unit: 's',
    }),
    count('degraded_s', 'How long only the queue is away before that', 'Cuánto tiempo está caída antes solo la cola', {
      default: 3,
      min: 2,
      max: 10,
      unit: 's',
    }),
  ],
  seconds: 45,
  variants: [
    {
      id: 'asks-health',
      label: { en: 'Liveness probe of /health', es: 'Sonda de vida en /health' },
      protected: false,
      source: 'naive/liveness.ts',
    },
    {
      id: 'asks-live',
      label: { en: 'Liveness probe of /health/live', es: 'Sonda de vida en /health/live' },
      protected: true,
      source: 'src/patterns/health/health.routes.ts',
    },
  ],
  figures: [
    figure('restarts', 'Restarts', 'Reinicios', '', 'lower'),
    figure('catalogue', 'Catalogue served during the outage', 'Catálogo servido durante la caída', '%', 'higher'),
    figure(
      'recovered_s',
      'Time until ready, once the database is back',
      'Tiempo hasta estar disponible, al volver la base de datos',
      's',
      'lower',
    ),
    figure('degraded_s', 'Time degraded and still ready', 'Tiempo degradada y aún disponible', 's'),
  ],
  series: [
    series('live', 'Live', 'Viva', ''),
    series('ready', 'Ready', 'Disponible', ''),
    series('state', 'State (2 ok, 1 degraded, 0 unavailable)', 'Estado (2 bien, 1 degradada, 0 no disponible)', ''),
    series('catalogue', 'Catalogue served', 'Catálogo servido', ''),
  ],
  parts: ['health', 'database', 'cache'],
}
