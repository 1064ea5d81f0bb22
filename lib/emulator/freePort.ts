import { createServer } from 'node:net';
import { EnvironmentError } from '../errors.ts';

/** Where the embedded emulator listens: reachable from this machine alone. */
export const HOST = '127.0.0.1';

/** What is said of a port that cannot be listened on. */
export function portError(port: number, error: NodeJS.ErrnoException): EnvironmentError {
  const reason = error.code === 'EADDRINUSE' ? 'it is in use' : String(error);
  return new EnvironmentError(`port ${port}: expected a free port on ${HOST}, but ${reason}`, {
    cause: error,
  });
}

/**
 * Makes sure that a port can be listened on, before anything is written for whoever will.
 *
 * @param port 0 stands for any that is free.
 * @throws EnvironmentError where it cannot.
 */
export function requireFreePort(port: number): Promise<void> {
  return new Promise((settle, refuse) => {
    const server = createServer();
    server.once('error', (error) => refuse(portError(port, error)));
    server.listen(port, HOST, () => server.close(() => settle()));
  });
}
