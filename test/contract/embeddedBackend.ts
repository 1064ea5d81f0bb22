import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClients } from '../../lib/cloud/clients.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import type { Backend } from './backend.ts';

/** Embedded AWS over a directory of its own. */
export async function openEmbedded(): Promise<Backend & Pick<EmbeddedAws, 'eventSource'>> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-contract-'));
  const aws = await startEmbeddedAws({ directory });
  const clients = createClients(aws.deployment);
  return {
    clients,
    eventSource: aws.eventSource,
    async close() {
      clients.s3.destroy();
      clients.sqs.destroy();
      await aws.close();
      await rm(directory, { recursive: true });
    },
  };
}
