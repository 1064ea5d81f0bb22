/** S3 and SQS in this process, over HTTP on loopback, with the objects on disk. */
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { collectBytes } from '../cloud/collectBytes.ts';
import type { Deployment } from '../cloud/deployment.ts';
import { letHeapAndBuffersGrow } from '../cloud/heapGrowth.ts';
import { EnvironmentError } from '../errors.ts';
import { mendAbortedPolls } from './abortedPolls.ts';
import { BodyFiles } from './bodyFiles.ts';
import { BodyMemory } from './bodyMemory.ts';
import { createBucketStore, FILE_BYTES } from './bucketStore.ts';
import { mendConditionalWrites } from './conditionalWrites.ts';
import { EventSourceQueue } from './eventSourceQueue.ts';
import { mendGroups } from './fairQueue.ts';
import {
  buildApp,
  type FauxqsApp,
  fauxqsClasses,
  fauxqsDatabaseFile,
  type ObjectDatabase,
  type S3Store,
  type SqsStore,
} from './fauxqs.ts';
import { HOST, portError } from './freePort.ts';
import { objectsDirectory } from './localDirectory.ts';
import { createQueueStore } from './queueStore.ts';
import { watchStorage } from './storageFailure.ts';

export interface EmbeddedAwsOptions {
  /** Where the objects are kept; made if it is not there. */
  readonly directory: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** How long results are hidden from the coordinator after one of its invocations failed: what a crash costs. */
  readonly resultsVisibilitySeconds?: number;
}

export interface EmbeddedAws {
  readonly deployment: Deployment & { readonly foldsQueueUrl: string };
  readonly endpoint: string;
  /** A queue for an event source mapping to read. */
  eventSource(queueUrl: string): EventSourceQueue;
  /** Resolves if the disk does not take the objects any more; stays pending otherwise. */
  readonly failure: Promise<EnvironmentError>;
  /** Ends open long polls and requests, and closes the database. */
  close(): Promise<void>;
}

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const BUCKET = 'padmm-local';
/** As large as a run's largest object may be; S3 itself takes 5 GiB in one PUT. */
const MAX_BODY_BYTES = 1024 ** 3;

/** How long a task is hidden unless its worker extends it: what a lost worker costs. */
export const TASKS_VISIBILITY_SECONDS = 15;
const RESULTS_VISIBILITY_SECONDS = 10;
/** Graceful hand-backs count as receives, so this is far above the number of honest tries. */
const MAX_RECEIVE_COUNT = 10;

/** An object is a chain of pages: of SQLite's 4 KiB each megabyte would have 256 of them to follow. */
const PAGE_BYTES = 32_768;
/** A checkpoint copies the log into the file and waits for the disk: once in 128 MiB of log, not for each megabyte. */
const CHECKPOINT_PAGES = (128 * 2 ** 20) / PAGE_BYTES;

const queueArn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

/** Makes the queue `name` + `suffix` with its dead-letter queue, and gives its URL. */
function createQueue(
  sqs: SqsStore,
  endpoint: string,
  name: string,
  suffix: '' | '.fifo',
  visibilitySeconds: number,
): string {
  const create = (queue: string, attributes: Record<string, string>): string => {
    const url = `${endpoint}/${ACCOUNT}/${queue}`;
    const fifo = suffix === '' ? {} : { FifoQueue: 'true', ContentBasedDeduplication: 'false' };
    sqs.createQueue(queue, url, queueArn(queue), { ...attributes, ...fifo });
    return url;
  };
  const dead = `${name}-dead${suffix}`;
  create(dead, {});
  return create(name + suffix, {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: queueArn(dead),
      maxReceiveCount: MAX_RECEIVE_COUNT,
    }),
  });
}

/** Makes the file of a new database have pages of {@link PAGE_BYTES}; one that is there keeps its own. */
function prepareFile(directory: string): void {
  const database = new DatabaseSync(join(directory, fauxqsDatabaseFile));
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL`);
  database.close();
}

/** What a process that was killed left of bodies that no object has, or has no more. */
function clearBodies(files: BodyFiles, s3: S3Store): void {
  const { objects } = s3.listObjects(BUCKET, { maxKeys: Number.POSITIVE_INFINITY });
  files.keepOnly(new Set(objects.map(({ etag }) => etag)));
}

interface Objects {
  readonly s3: S3Store;
  readonly files: BodyFiles;
  readonly memory: BodyMemory;
  readonly database: ObjectDatabase;
}

async function openObjects(directory: string): Promise<Objects> {
  try {
    await mkdir(directory, { recursive: true });
    prepareFile(directory);
    const files = new BodyFiles(join(directory, 'bodies'));
    const memory = new BodyMemory(FILE_BYTES);
    const s3 = createBucketStore(files, memory);
    const database = new fauxqsClasses.PersistenceManager(directory);
    // Safe for a killed process as it is for the database; a loss of power may cost the last writes, in order.
    database.db.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.loadS3(s3);
    s3.persistence = database;
    s3.createBucket(BUCKET);
    clearBodies(files, s3);
    return { s3, files, memory, database };
  } catch (error) {
    throw new EnvironmentError(
      `${directory}: expected a directory that can be written and holds nothing but the objects of this project, received: ${error}`,
      { cause: error },
    );
  }
}

/** A body as the bytes that came. @throws Error with status 413 where its length is said and too large. */
async function readBody(body: IncomingMessage, memory: BodyMemory): Promise<Buffer> {
  const { 'content-length': said } = body.headers;
  const length = said === undefined ? undefined : Number(said);
  if (length === undefined || length <= MAX_BODY_BYTES) {
    return collectBytes(body, length, (sizeBytes) => memory.take(sizeBytes));
  }
  const message = `body: expected at most ${MAX_BODY_BYTES} bytes, received ${length}`;
  throw Object.assign(new Error(message), { statusCode: 413 });
}

/** Reads bodies; what S3 is to keep of large ones is on the disk before it looks at the request. */
function takeBodies(app: FauxqsApp, { files, memory }: Pick<Objects, 'files' | 'memory'>): void {
  app.addContentTypeParser('*', async ({ method }: { readonly method: string }, message: IncomingMessage) => {
    const body = await readBody(message, memory);
    if (method === 'PUT' && body.length >= FILE_BYTES) await files.receive(body);
    return body;
  });
  app.addHook('onResponse', ({ body }: { readonly body: unknown }, _reply: unknown, done: () => void) => {
    if (body instanceof Buffer) files.dropUnclaimed(body);
    done();
  });
}

/** fauxqs as an app whose S3 and SQS behave like the real ones in all that this project relies on. */
function createApp(objects: Objects, sqsStore: SqsStore): FauxqsApp {
  const { s3: s3Store } = objects;
  const snsStore = new fauxqsClasses.SnsStore();
  const app = buildApp({
    logger: false,
    host: HOST,
    defaultRegion: REGION,
    stores: { s3Store, sqsStore, snsStore },
  });
  app.removeContentTypeParser('*');
  takeBodies(app, objects);
  app.addHook('onSend', (_request, { raw }, payload: unknown, done: () => void) => {
    objects.memory.holdWhileSent(payload, raw);
    done();
  });
  mendAbortedPolls(app, sqsStore);
  mendGroups(app, sqsStore);
  mendConditionalWrites(app, s3Store);
  return app;
}

async function listen(app: FauxqsApp, port: number): Promise<string> {
  try {
    await app.listen({ port, host: HOST });
  } catch (error) {
    throw portError(port, error as NodeJS.ErrnoException);
  }
  return `http://${HOST}:${(app.server.address() as AddressInfo).port}`;
}

/**
 * Starts S3 and SQS on 127.0.0.1, reachable from this machine alone.
 *
 * Objects are durable: each write is one transaction of an SQLite database with a write-ahead log, after the file of a
 * large body, so a SIGKILL at any moment leaves every object whole, old or new. Messages are not kept from one start to
 * the next: a run's state tells which tasks are outstanding, and resuming it sends them again.
 *
 * @throws EnvironmentError where the directory cannot be written or the port is taken.
 */
export async function startEmbeddedAws({
  directory,
  port = 0,
  resultsVisibilitySeconds = RESULTS_VISIBILITY_SECONDS,
}: EmbeddedAwsOptions): Promise<EmbeddedAws> {
  letHeapAndBuffersGrow('emulator');
  const objects = await openObjects(objectsDirectory(directory));
  const { database } = objects;
  const sqs = createQueueStore();
  const app = createApp(objects, sqs);
  const failure = watchStorage(app, directory);
  let endpoint: string;
  try {
    endpoint = await listen(app, port);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    endpoint,
    eventSource: (queueUrl) => new EventSourceQueue(sqs, queueUrl, REGION),
    failure,
    deployment: {
      region: REGION,
      endpoint,
      bucket: BUCKET,
      tasksQueueUrl: createQueue(sqs, endpoint, 'padmm-tasks', '', TASKS_VISIBILITY_SECONDS),
      resultsQueueUrl: createQueue(sqs, endpoint, 'padmm-results', '.fifo', resultsVisibilitySeconds),
      foldsQueueUrl: createQueue(sqs, endpoint, 'padmm-folds', '.fifo', resultsVisibilitySeconds),
    },
    async close() {
      await app.close();
      database.close();
      objects.files.clearSpares();
    },
  };
}
