/** SDK clients that suit this project: many small requests at once, long polls, and emulators on loopback. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Where the clients go: AWS in `region`, or an emulator at `endpoint`. */
export interface ClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  /** Profile of the AWS configuration files; the SDK's own choice without (AWS_PROFILE, "default"). */
  readonly profile?: string;
}

export interface CloudClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

/** More than the coordinator's parallel reads of one round, so that no request waits for a socket. */
const MAX_SOCKETS = 128;
const CONNECTION_TIMEOUT_MS = 5_000;
/** An SQS long poll is silent for up to 20 s; a socket silent for longer than this is dead. */
const SOCKET_TIMEOUT_MS = 60_000;
/** Attempts in the SDK's standard mode, which backs off from 100 ms to 20 s. */
const MAX_ATTEMPTS = 5;

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

const isLoopback = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && LOOPBACK_HOSTS.has(new URL(endpoint).hostname);

/** Emulators check no signature, but the SDK does not send a request without one. */
const EMULATOR_CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };

/**
 * Credentials for an emulator on this machine, where the environment has none. On AWS, and wherever the environment
 * has keys, the SDK's default chain decides (environment, profile, SSO, container, instance). A profile is not asked
 * for on loopback unless it was named, so that an expired session does not keep a local run from starting.
 */
function emulatorCredentials({ endpoint, profile }: ClientOptions): typeof EMULATOR_CREDENTIALS | undefined {
  if (profile !== undefined || !isLoopback(endpoint)) return undefined;
  return process.env.AWS_ACCESS_KEY_ID === undefined ? EMULATOR_CREDENTIALS : undefined;
}

/** What every client of this project is made with. */
export function clientConfiguration(options: ClientOptions) {
  const { region, endpoint, profile } = options;
  const credentials = emulatorCredentials(options);
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(profile === undefined ? {} : { profile }),
    // What is done to a request of one kind is worked out once.
    cacheMiddleware: true,
    retryMode: 'standard',
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
    }),
  };
}

/**
 * Spares the digest of each body that a signature has: nobody on loopback checks signatures. On AWS it stays, and S3 refuses
 * an upload whose bytes are others.
 */
function leaveBodiesUnsigned(s3: S3Client): void {
  s3.middlewareStack.add(
    (next) => (handled) => {
      const { headers } = handled.request as { headers: Record<string, string> };
      headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(handled);
    },
    { step: 'build', name: 'leaveBodiesUnsigned' },
  );
}

interface Unsigned {
  readonly headers: Record<string, string>;
}

/**
 * Takes the place of a signature where there are no keys to make one from, so that nobody can check it: the header that
 * emulators read account, region and service from, for a tenth of a request's processor time less.
 */
function withoutSignature(options: ClientOptions, service: 's3' | 'sqs') {
  const credentials = emulatorCredentials(options);
  if (credentials === undefined) return {};
  const scope = `${credentials.accessKeyId}/20000101/${options.region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  const sign = async <Request extends Unsigned>(request: Request): Promise<Request> => {
    request.headers.authorization = authorization;
    return request;
  };
  return { signer: { sign } };
}

/**
 * Steps of a request that are of no use on loopback, for up to a fifth of its processor time: an emulator has no directory
 * buckets, redirects to no region and does not look at who asks, and no logger is set.
 */
export const STEPS_FOR_AWS = [
  ...['loggerMiddleware', 's3ExpressMiddleware', 'regionRedirectMiddleware'],
  ...['getUserAgentMiddleware', 'recursionDetectionMiddleware'],
];

function spareSteps({ middlewareStack }: S3Client | SQSClient, { endpoint }: ClientOptions): void {
  if (!isLoopback(endpoint)) return;
  for (const name of STEPS_FOR_AWS) middlewareStack.remove(name);
}

function createS3(options: ClientOptions): S3Client {
  const isEmulated = options.endpoint !== undefined;
  const s3 = new S3Client({
    ...clientConfiguration(options),
    ...withoutSignature(options, 's3'),
    // An emulator has one host name for all buckets, so the bucket goes into the path.
    forcePathStyle: isEmulated,
    // Uploads are checked by their signature, and whatever is read by the digest that refers to it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for leave to send a body pays where the server is far.
    ...(isEmulated ? { expectContinueHeader: false } : {}),
  });
  if (isLoopback(options.endpoint)) leaveBodiesUnsigned(s3);
  spareSteps(s3, options);
  return s3;
}

/** The caller destroys both clients when done, which closes their sockets. */
export function createClients(options: ClientOptions): CloudClients {
  const sqs = new SQSClient({ ...clientConfiguration(options), ...withoutSignature(options, 'sqs') });
  spareSteps(sqs, options);
  return { s3: createS3(options), sqs };
}
