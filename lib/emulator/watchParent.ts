/** A thread that kills its own process once the parent, whose id it is given, is not its parent any more. */
import { workerData } from 'node:worker_threads';

const LOOK_EVERY_MS = 1_000;

setInterval(() => {
  // process.exit() in a thread ends the thread alone.
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, LOOK_EVERY_MS);
