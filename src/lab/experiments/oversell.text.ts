import type { Experiment } from '../protocol.ts'

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
    {
      name: 'buyers',
      type: 'integer',
      label: { en: 'Buyers, one unit each', es: 'Compradores, una unidad cada uno' },
      default: 100,
      min: 20,
      max: 500,
    },
    {
      name: 'stock',
      type: 'integer',
      label: { en: 'Units that are left', es: 'Unidades que quedan' },
      default: 10,
      min: 1,
      max: 100,
    },
    {
      name: 'concurrency',
      type: 'integer',
      label: { en: 'Orders a worker decides at once', es: 'Pedidos que un worker decide a la vez' },
      default: 20,
      min: 1,
      max: 40,
    },
  ],
  seconds: 10,
  variants: [
    {
      id: 'read-then-write',
      label: { en: 'Read, then write', es: 'Leer y luego escribir' },
      protected: false,
      source: 'src/lab/naive/read-then-write.ts',
    },
    {
      id: 'locked',
      label: { en: 'Lock, then look', es: 'Bloquear y luego mirar' },
      protected: true,
      source: 'src/orders/process-order.ts',
    },
  ],
  figures: [
    {
      id: 'oversold',
      label: { en: 'Units sold that were not there', es: 'Unidades vendidas que no había' },
      unit: '',
      better: 'lower',
    },
    { id: 'sold', label: { en: 'Units sold', es: 'Unidades vendidas' }, unit: '', better: 'neither' },
    {
      id: 'refused',
      label: { en: 'Buyers told that it is sold out', es: 'Compradores avisados de que se agotó' },
      unit: '',
      better: 'neither',
    },
    {
      id: 'stock_left',
      label: { en: 'Stock that the database shows', es: 'Existencias según la base de datos' },
      unit: '',
      better: 'neither',
    },
  ],
  series: [
    { id: 'sold', unit: '', label: { en: 'Units sold', es: 'Unidades vendidas' }, shape: 'step' },
    {
      id: 'stock',
      unit: '',
      label: { en: 'Stock in the database', es: 'Existencias en la base de datos' },
      shape: 'step',
    },
  ],
  parts: ['worker', 'database'],
}
