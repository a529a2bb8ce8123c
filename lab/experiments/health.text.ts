import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const health: Experiment = {
  id: 'health',
  title: { en: 'The database goes away', es: 'La base de datos se va' },
  hypothesis: {
    en: 'While the database is away, a liveness probe that asks for it kills healthy processes again and again, and with them the catalogue that the cache still served; one that asks whether the process answers kills none.',
    es: 'Mientras la base de datos no está, una sonda de vida que pregunta por ella mata una y otra vez procesos sanos, y con ellos el catálogo que la caché aún servía; una que pregunta si el proceso responde no mata ninguno.',
  },
  why: {
    en: 'Liveness asks: does a restart help? Readiness asks: may it be sent requests? Health asks: how is each part? A database that is away is no reason to restart what waits for it. Nor is a part that the shop can do without a reason to take it out: then it is degraded, and still ready.',
    es: 'La sonda de vida pregunta: ¿ayuda reiniciar? La de disponibilidad: ¿se le pueden enviar peticiones? La de salud: ¿cómo está cada parte? Que la base de datos no esté no es razón para reiniciar a quien la espera. Ni una parte de la que la tienda puede prescindir es razón para retirarla: entonces está degradada, y aún disponible.',
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
    count('outage_s', 'How long the database is away', 'Cuánto falta la base de datos', {
      default: 9,
      min: 4,
      max: 40,
      unit: 's',
    }),
    count('degraded_s', 'How long before it only the queue is', 'Cuánto antes falta solo la cola', {
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
      label: { en: 'Liveness asks /health', es: 'La vida pregunta a /health' },
      protected: false,
      source: 'lab/naive/liveness.ts',
    },
    {
      id: 'asks-live',
      label: { en: 'Liveness asks /health/live', es: 'La vida pregunta a /health/live' },
      protected: true,
      source: 'src/patterns/health/health.routes.ts',
    },
  ],
  figures: [
    figure('restarts', 'Times that it was killed', 'Veces que se mató', '', 'lower'),
    figure('catalogue', 'Catalogue served during the outage', 'Catálogo servido durante la falta', '%', 'higher'),
    figure(
      'recovered_s',
      'Ready again after the database is back',
      'Disponible tras volver la base de datos',
      's',
      'lower',
    ),
    figure('degraded_s', 'Degraded, and still ready', 'Degradada, y aún disponible', 's'),
  ],
  series: [
    series('live', 'Live', 'Vive', ''),
    series('ready', 'Ready', 'Disponible', ''),
    series('state', 'State (2 ok, 1 degraded, 0 unavailable)', 'Estado (2 bien, 1 degradada, 0 no disponible)', ''),
    series('catalogue', 'Catalogue served', 'Catálogo servido', ''),
  ],
  parts: ['health', 'database', 'cache'],
}
