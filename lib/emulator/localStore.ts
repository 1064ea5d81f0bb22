import { type Connection, connect, type Deployment } from '../cloud/deployment.ts';
import { ClosingStack } from './closingStack.ts';
import { startEmbeddedAws } from './embeddedAws.ts';
import { enterDirectory } from './session.ts';

/** The runs of a local directory, open until `close`. */
export interface LocalStore {
  readonly deployment: Deployment;
  readonly connection: Connection;
  /** Whether another process is training in this directory, and these are its S3 and SQS. */
  readonly live: boolean;
  close(): Promise<void>;
}

/**
 * Opens a directory to look at its runs. Where another process has it open, its endpoint is used, so that messages
 * sent there reach it; else S3 is started for the time of the command, and nobody works on what is sent.
 *
 * @throws EnvironmentError where the directory cannot be read or stays locked.
 */
export async function openLocalStore({ directory }: { readonly directory: string }): Promise<LocalStore> {
  const lock = await enterDirectory(directory);
  if (!('release' in lock)) {
    const connection = connect(lock.deployment);
    return { deployment: lock.deployment, connection, live: true, close: async () => connection.close() };
  }
  const opened = new ClosingStack();
  opened.push(() => lock.release());
  try {
    const aws = await startEmbeddedAws({ directory });
    opened.push(() => aws.close());
    const connection = connect(aws.deployment);
    opened.push(() => connection.close());
    return { deployment: aws.deployment, connection, live: false, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
