/**
 * Time-out of one invocation of the coordinator on this machine unless a run wants a longer one, in seconds: short, because
 * it bounds what a crash costs.
 */
export const COORDINATOR_TIMEOUT_SECONDS = 9;
