/** Something the caller has to change: exit code 2. */
export class UsageError extends Error {}
