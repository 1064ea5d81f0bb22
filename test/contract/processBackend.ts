import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClients } from '../../lib/cloud/clients.ts';
import type { Emulator } from '../../scripts/emulators/emulatorProcess.ts';
import type { Backend } from './backend.ts';

/** An emulator that is a process of its own, over a directory of its own. */
export async function openEmulator(start: (directory: string) => Promise<Emulator>): Promise<Backend> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-contract-'));
  const emulator = await start(directory);
  const clients = createClients({ region: 'us-east-1', endpoint: emulator.endpoint });
  return {
    clients,
    async close() {
      clients.s3.destroy();
      clients.sqs.destroy();
      await emulator.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
