import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const oversell: Experiment = {
  id: 'oversell',
  title: { en: 'The last ten units', es: 'Las últimas diez unidades' },
  hypothesis: {
    en: 'When a hundred buyers want the last ten units, workers that read the stock and then write it sell some of them twice; workers that lock the row before they look sell exactly ten.',
    es: 'Cuando cien compradores quieren las últimas diez unidades, los workers que leen las existencias y luego las escriben venden algunas dos veces; los que bloquean la fila antes de mirar venden exactamente diez.',
  },
  why: {
    en: 'Between reading and writing, others read the same number. Each sees enough, and each writes what it computed: a lost update. A transaction alone does not prevent it, because at the level read committed it is not told that the row has changed since it looked. A row lock (select … for update), or a condition in the statement that writes, makes looking and taking one step.',
    es: 'Entre leer y escribir, otros leen el mismo número. Cada uno ve suficiente y escribe lo que calculó: una actualización perdida. Una transacción por sí sola no lo evita, porque en el nivel read committed nadie le avisa de que la fila ha cambiado desde que miró. Un bloqueo de fila (select … for update), o una condición en la sentencia que escribe, hacen de mirar y tomar un solo paso.',
    sources: [
      {
        title: 'PostgreSQL: Transaction Isolation',
        url: 'https://www.postgresql.org/docs/current/transaction-iso.html',
      },
      { title: 'PostgreSQL: Row-Level Locks', url: 'https://www.postgresql.org/docs/current/explicit-locking.html' },
      {
        title: 'Berenson et al., A Critique of ANSI SQL Isolation Levels (1995)',
        url: 'https://www.microsoft.com/en-us/research/publication/a-critique-of-ansi-sql-isolation-levels/',
      },
    ],
  },
  settings: [
    count('buyers', 'Buyers, one unit each', 'Compradores, una unidad cada uno', { default: 100, min: 20, max: 500 }),
    count('stock', 'Units that are left', 'Unidades que quedan', { default: 10, min: 1, max: 100 }),
    count('concurrency', 'Orders a worker decides at once', 'Pedidos que un worker decide a la vez', {
      default: 20,
      min: 1,
      max: 40,
    }),
  ],
  seconds: 10,
  variants: [
    {
      id: 'read-then-write',
      label: { en: 'Read, then write', es: 'Leer y luego escribir' },
      protected: false,
      source: 'lab/naive/read-then-write.ts',
    },
    {
      id: 'locked',
      label: { en: 'Lock, then look', es: 'Bloquear y luego mirar' },
      protected: true,
      source: 'src/orders/process-order.ts',
    },
  ],
  figures: [
    figure('oversold', 'Units sold that were not there', 'Unidades vendidas que no había', '', 'lower'),
    figure('sold', 'Units sold', 'Unidades vendidas', ''),
    figure('refused', 'Buyers told that it is sold out', 'Compradores avisados de que se agotó', ''),
    figure('stock_left', 'Stock that the database shows', 'Existencias según la base de datos', ''),
  ],
  series: [
    series('sold', 'Units sold', 'Unidades vendidas', ''),
    series('stock', 'Stock in the database', 'Existencias en la base de datos', ''),
  ],
  parts: ['worker', 'database'],
}
