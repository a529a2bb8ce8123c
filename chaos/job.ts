/** Whether a job's status is one that never changes again. */
export const isFinal = (status: string | undefined): boolean =>
  status === 'succeeded' || status === 'rejected' || status === 'failed'
