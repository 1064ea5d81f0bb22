/** LocalStack from PyPI, without Docker: its functions run as processes of this machine. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from './emulatorProcess.ts';
import { virtualEnvironment } from './virtualEnvironment.ts';

const SOURCES = fileURLToPath(new URL('../localstack', import.meta.url));
const HOST = '127.0.0.1';

/** Installs LocalStack unless it is there, and says where. @throws EnvironmentError where it cannot be installed. */
export const installLocalStack = (): Promise<string> =>
  virtualEnvironment('localstack', join(SOURCES, 'requirements.txt'));

export interface LocalStackOptions {
  /** Takes its state, its log, and in `functions` the logs of functions. */
  readonly directory: string;
  /** Where functions find AWS, each under its own name as access key; LocalStack itself without. */
  readonly functionsEndpoint?: string;
}

/** Starts LocalStack. */
export async function startLocalStack({
  directory,
  functionsEndpoint,
}: LocalStackOptions): Promise<Emulator> {
  const binaries = join(await installLocalStack(), 'bin');
  const functions = join(directory, 'functions');
  const temporary = join(directory, 'tmp');
  await mkdir(functions, { recursive: true });
  await mkdir(temporary, { recursive: true });
  return startEmulator({
    command: join(binaries, 'python'),
    arguments: () => ['-m', 'localstack.runtime.main'],
    environment: (port) => ({
      // Node for functions is the one that runs this.
      PATH: [dirname(process.execPath), binaries, process.env.PATH].join(':'),
      HOME: directory,
      PYTHONPATH: SOURCES,
      PYTHONDONTWRITEBYTECODE: '1',
      TMPDIR: temporary,
      XDG_CACHE_HOME: join(directory, 'cache'),
      FILESYSTEM_ROOT: directory,
      LOCALSTACK_VOLUME_DIR: join(directory, 'volume'),
      OVERRIDE_IN_DOCKER: '0',
      GATEWAY_LISTEN: `${HOST}:${port}`,
      GATEWAY_SERVER: 'hypercorn',
      LOCALSTACK_HOST: `${HOST}:${port}`,
      // Queue URLs that lead here, whatever names can be resolved.
      SQS_ENDPOINT_STRATEGY: 'path',
      LAMBDA_RUNTIME_EXECUTOR: 'padmm',
      PADMM_LAMBDA_LOGS: functions,
      ...(functionsEndpoint === undefined ? {} : { PADMM_LAMBDA_ENDPOINT: functionsEndpoint }),
      DISABLE_EVENTS: '1',
      SKIP_SSL_CERT_DOWNLOAD: '1',
    }),
    host: HOST,
    healthPath: '/_localstack/health',
    directory,
  });
}
