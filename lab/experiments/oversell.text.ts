import type { Experiment } from '../protocol/experiment-schema.ts'
import { count, figure, series } from './about.ts'

export const oversell: Experiment = {
  id: 'oversell',
  title: { en: 'The last ten units', es: 'Las últimas diez unidades' },
  hypothesis: {
    en: 'When a hundred buyers want the last ten units, workers that read the stock and then write it sell some units twice. Workers that lock the row before they read it sell exactly ten.',
    es: 'Cuando cien compradores quieren las últimas diez unidades, los workers que leen el stock y luego lo escriben venden algunas unidades dos veces. Los que bloquean la fila antes de leerla venden exactamente diez.',
  },
  why: {
    en: 'Between the read and the write, other transactions read the same number. Each one sees enough stock and writes what it computed: a lost update. A transaction alone does not prevent it: at the isolation level read committed, it does not notice that the row has changed since it was read. A row lock (select … for update), or a condition in the statement that writes, turns the check and the update into one step.',
    es: 'Entre la lectura y la escritura, otras transacciones leen el mismo número. Cada una ve stock suficiente y escribe lo que calculó: una actualización perdida. Una transacción por sí sola no lo evita: en el nivel de aislamiento read committed, no nota que la fila cambió desde que la leyó. Un bloqueo de fila (select … for update), o una condición en la sentencia que escribe, convierte la comprobación y la actualización en un solo paso.',
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
    count('stock', 'Units left', 'Unidades que quedan', { default: 10, min: 1, max: 100 }),
    count('concurrency', 'Concurrent orders per worker', 'Pedidos simultáneos por worker', {
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
      source: 'naive/read-then-write.ts',
    },
    {
      id: 'locked',
      label: { en: 'Lock, then read', es: 'Bloquear y luego leer' },
      protected: true,
      source: 'src/orders/decide-orders.ts',
    },
  ],
  figures: [
    figure('oversold', 'Units oversold', 'Unidades vendidas de más', '', 'lower'),
    figure('sold', 'Units sold', 'Unidades vendidas', ''),
    figure('refused', 'Buyers refused', 'Compradores rechazados', ''),
    figure('stock_left', 'Stock left in the database', 'Stock restante en la base de datos', ''),
  ],
  series: [
    series('sold', 'Units sold', 'Unidades vendidas', ''),
    series('stock', 'Stock in the database', 'Stock en la base de datos', ''),
  ],
  parts: ['worker', 'database'],
}
