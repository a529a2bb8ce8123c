import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const rateLimit: Experiment = {
  id: 'rate-limit',
  title: { en: 'The greedy client', es: 'El cliente codicioso' },
  hypothesis: {
    en: 'With a fixed window, a client that knows the clock can send twice its quota around the edge between two windows. A sliding window never admits more than the quota in any window, and the polite client is always served.',
    es: 'Con una ventana fija, un cliente que conoce el reloj puede enviar el doble de su cuota alrededor del borde entre dos ventanas. Una ventana deslizante nunca admite más que la cuota en ninguna ventana, y el cliente educado siempre recibe respuesta.',
  },
  why: {
    en: 'A fixed window follows the clock, so the end of one window and the start of the next together admit two quotas. A sliding window log keeps the times of the admitted requests and counts those in the window that ends now. It is exact, and costs one number for each admitted request. Each client has its own count, so the refusals of the greedy client cost the polite one nothing.',
    es: 'Una ventana fija sigue el reloj, así que el final de una ventana y el comienzo de la siguiente admiten juntos dos cuotas. El registro de ventana deslizante guarda la hora de las peticiones admitidas y cuenta las de la ventana que termina ahora. Es exacto, y cuesta un número por cada petición admitida. Cada cliente tiene su propia cuenta, así que los rechazos del cliente codicioso no le cuestan nada al educado.',
    sources: [
      {
        title: 'Rate Limiting pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/rate-limiting-pattern',
      },
      {
        title: 'Throttling pattern, Azure Architecture Center',
        url: 'https://learn.microsoft.com/en-us/azure/architecture/patterns/throttling',
      },
      {
        title: 'RateLimit header fields for HTTP (IETF draft)',
        url: 'https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/',
      },
    ],
  },
  settings: [
    count('quota', 'Requests per window', 'Peticiones por ventana', {
      default: 10,
      min: 2,
      max: 50,
    }),
    count('window_s', 'Length of the window', 'Duración de la ventana', { default: 2, min: 2, max: 10, unit: 's' }),
    count('rate', 'Requests per second of the greedy client', 'Peticiones por segundo del cliente codicioso', {
      default: 100,
      min: 20,
      max: 300,
      unit: '1/s',
    }),
  ],
  seconds: 35,
  variants: [
    {
      id: 'off',
      label: { en: 'No limit', es: 'Sin límite' },
      protected: false,
      source: 'src/patterns/rate-limit/rate-limit.ts',
    },
    {
      id: 'fixed',
      label: { en: 'Fixed window', es: 'Ventana fija' },
      protected: false,
      source: 'naive/fixed-window.ts',
    },
    {
      id: 'sliding',
      label: { en: 'Sliding window', es: 'Ventana deslizante' },
      protected: true,
      source: 'src/patterns/rate-limit/memory-limiter.ts',
    },
  ],
  figures: [
    figure(
      'in_window',
      'Most requests admitted in one window',
      'Máximo de peticiones admitidas en una ventana',
      '',
      'lower',
    ),
    figure('greedy_served', 'Greedy requests served', 'Peticiones del codicioso atendidas', '1/s'),
    figure('greedy_refused', 'Greedy requests refused', 'Peticiones del codicioso rechazadas', '%'),
    figure('polite_served', 'Polite requests served', 'Peticiones del educado atendidas', '%', 'higher'),
    figure(
      'polite_p95_ms',
      'Wait of the polite client, 95th percentile',
      'Espera del educado, percentil 95',
      'ms',
      'lower',
    ),
  ],
  series: [
    series('greedy', 'Greedy requests served so far', 'Peticiones del codicioso atendidas hasta ahora', ''),
    series('polite', 'Polite requests served so far', 'Peticiones del educado atendidas hasta ahora', ''),
    series('polite_ms', 'Wait of the polite client', 'Espera del cliente educado', 'ms', 'line'),
  ],
  parts: ['client', 'limiter', 'api'],
}
