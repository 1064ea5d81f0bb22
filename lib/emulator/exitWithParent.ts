/**
 * Preloaded into every child process: ends it when its parent is gone, even by SIGKILL. The closing channel between them
 * tells so at once, but to an event loop that turns; a thread looks as well, for a child that is deep in a computation or
 * in a loop that never ends. Neither keeps the process alive.
 */
import { Worker } from 'node:worker_threads';
import { moduleBeside } from '../besideModule.ts';

process.once('disconnect', () => process.exit(1));
process.channel?.unref();

// A thread preloads what its process does, unless it is told not to: this file would start threads without end.
new Worker(moduleBeside(import.meta.url, './watchParent'), {
  execArgv: [],
  workerData: process.ppid,
}).unref();
