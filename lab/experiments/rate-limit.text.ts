import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const rateLimit: Experiment = {
  id: 'rate-limit',
  title: { en: 'The greedy client', es: 'El cliente codicioso' },
  hypothesis: {
    en: 'A fixed window lets a client that knows the clock send twice its quota around the edge; a sliding window never lets more than the quota through in any window, and the polite client is served all along.',
    es: 'Una ventana fija deja que un cliente que conoce el reloj envíe el doble de su cuota alrededor del borde; una ventana deslizante nunca deja pasar más que la cuota en ninguna ventana, y el cliente educado es atendido siempre.',
  },
  why: {
    en: 'A fixed window counts by the clock, so the end of one window and the beginning of the next together hold two quotas. A sliding window log keeps the times of the admitted requests and counts those of the window that ends now: exact, at the price of one number for each. Each client has its own count, so what the greedy one is refused costs the polite one nothing.',
    es: 'Una ventana fija cuenta según el reloj, así que el final de una y el principio de la siguiente suman dos cuotas. El registro de ventana deslizante guarda la hora de las peticiones admitidas y cuenta las de la ventana que acaba ahora: exacto, al precio de un número por cada una. Cada cliente tiene su cuenta, y lo que se le niega al codicioso no le cuesta nada al educado.',
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
    count('quota', 'Requests that a window admits', 'Peticiones que admite una ventana', {
      default: 10,
      min: 2,
      max: 50,
    }),
    count('window_s', 'Length of the window', 'Longitud de la ventana', { default: 2, min: 2, max: 10, unit: 's' }),
    count('rate', 'Requests a second of the greedy client', 'Peticiones por segundo del cliente codicioso', {
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
      source: 'lab/naive/fixed-window.ts',
    },
    {
      id: 'sliding',
      label: { en: 'Sliding window', es: 'Ventana deslizante' },
      protected: true,
      source: 'src/patterns/rate-limit/memory-limiter.ts',
    },
  ],
  figures: [
    figure('in_window', 'Most admitted within one window', 'Lo más admitido en una ventana', '', 'lower'),
    figure('greedy_served', 'Greedy requests served', 'Peticiones codiciosas atendidas', '1/s'),
    figure('greedy_refused', 'Greedy requests refused', 'Peticiones codiciosas rechazadas', '%'),
    figure('polite_served', 'Polite requests served', 'Peticiones educadas atendidas', '%', 'higher'),
    figure(
      'polite_p95_ms',
      'The polite client waited at most (95 %)',
      'El educado esperó como mucho (95 %)',
      'ms',
      'lower',
    ),
  ],
  series: [
    series('greedy', 'Greedy requests served so far', 'Peticiones codiciosas atendidas hasta ahora', ''),
    series('polite', 'Polite requests served so far', 'Peticiones educadas atendidas hasta ahora', ''),
    series('polite_ms', 'Wait of the polite client', 'Espera del cliente educado', 'ms', 'line'),
  ],
  parts: ['client', 'limiter', 'api'],
}
