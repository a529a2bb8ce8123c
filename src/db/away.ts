/**
 * SQLSTATE codes and socket errors that mean "PostgreSQL is away or too slow", not "the statement is wrong". A server that
 * refuses our password (28…) counts as away: the password is being rotated, and no order is to blame.
 */
const codes =
  /^(08...|28(000|P01)|57P0[1-4]|57014|55P03|53...|ECONN(REFUSED|RESET)|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|25P0[34])$/
/** Errors of the driver that have a message but no code. */
const messages =
  /^(Connection terminated|Query read timeout|timeout e(xceeded|xpired)|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/

/** Whether an error says that PostgreSQL cannot be reached, refuses connections, or does not answer in time. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return codes.test(code)
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway)
  return messages.test(error.message)
}
