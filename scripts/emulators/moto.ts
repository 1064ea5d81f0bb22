/** moto's server from PyPI. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from './emulatorProcess.ts';
import { virtualEnvironment } from './virtualEnvironment.ts';

const REQUIREMENTS = fileURLToPath(new URL('../moto/requirements.txt', import.meta.url));

/** Installs moto unless it is there, and says where. @throws EnvironmentError where it cannot be installed. */
export const installMoto = (): Promise<string> => virtualEnvironment('moto', REQUIREMENTS);

/** Account id under which moto keeps everything. */
export const MOTO_ACCOUNT = '123456789012';

/**
 * Starts moto.
 *
 * @param directory takes its log.
 */
export async function startMoto(directory: string): Promise<Emulator> {
  const binaries = join(await installMoto(), 'bin');
  return startEmulator({
    command: join(binaries, 'moto_server'),
    arguments: (port) => ['--host', '127.0.0.1', '--port', String(port)],
    environment: () => ({
      PATH: [binaries, process.env.PATH].join(':'),
      HOME: directory,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-1',
      PYTHONDONTWRITEBYTECODE: '1',
    }),
    // It tells buckets in a host name from a host's own address by this name.
    host: 'localhost',
    healthPath: '/moto-api/',
    directory,
  });
}
