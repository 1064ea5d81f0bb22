/** A proxy before an emulator that notes which AWS action each request is, on what, and in whose name. */
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arrayBuffer } from 'node:stream/consumers';

/** One action on one resource, as IAM names them. */
export interface RecordedCall {
  /** The access key it was signed with. */
  readonly principal: string;
  readonly action: string;
  /**
   * `bucket`, `bucket/key`, the name of a queue or a stack, `event-bus/NAME`, `service/CLUSTER/NAME`, `task/CLUSTER/ID`, or
   * `*` where an action knows no resource.
   */
  readonly resource: string;
  /** Condition keys of IAM with what they are in this call. */
  readonly context: Readonly<Record<string, string>>;
}

export interface RecordingProxy {
  readonly endpoint: string;
  readonly calls: readonly RecordedCall[];
  close(): Promise<void>;
}

/** Operations that are charged to another action (Service Authorization Reference, Amazon SQS). */
const SQS_ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

type Requested = Omit<RecordedCall, 'principal'>;

function sqsCall(operation: string, body: string): Requested {
  const { QueueUrl, QueueName } = JSON.parse(body) as { QueueUrl?: string; QueueName?: string };
  const action = `sqs:${SQS_ACTIONS[operation] ?? operation}`;
  return { action, resource: QueueName ?? QueueUrl?.split('/').at(-1) ?? '', context: {} };
}

interface EcsRequest {
  readonly cluster: string;
  readonly service?: string;
  readonly services?: readonly string[];
  readonly tasks?: readonly string[];
}

/** Source: Service Authorization Reference, Amazon Elastic Container Service. */
function ecsCalls(operation: string, body: string): Requested[] {
  const { cluster, service, services, tasks } = JSON.parse(body) as EcsRequest;
  const named = (services ?? (service === undefined ? [] : [service])).map(
    (name) => `service/${cluster}/${name}`,
  );
  const ended = (tasks ?? []).map((arn) => arn.split(':').at(-1) ?? '');
  const resources = operation === 'ListTasks' ? ['*'] : [...named, ...ended];
  const context = { 'ecs:cluster': `cluster/${cluster}` };
  return resources.map((resource) => ({ action: `ecs:${operation}`, resource, context }));
}

/** Each event of a request is allowed or not by itself (Service Authorization Reference, Amazon EventBridge). */
function eventCalls(operation: string, body: string): Requested[] {
  const { Entries } = JSON.parse(body) as {
    Entries: { EventBusName: string; Source: string; DetailType: string }[];
  };
  return Entries.map(({ EventBusName, Source, DetailType }) => ({
    action: `events:${operation}`,
    resource: `event-bus/${EventBusName}`,
    context: { 'events:source': Source, 'events:detail-type': DetailType },
  }));
}

/** A request whose body is a form, as CloudFormation's are. */
function formCalls(service: string, body: string): Requested[] {
  const form = new URLSearchParams(body);
  const resource = form.get('StackName') ?? '';
  return [{ action: `${service}:${form.get('Action')}`, resource, context: {} }];
}

/** A request of a service that names its operation in a header: `AmazonSQS.SendMessage`. */
function targetCalls(target: string, body: string): Requested[] {
  const [service = '', operation = ''] = target.split('.');
  if (service === 'AWSEvents') return eventCalls(operation, body);
  if (service.startsWith('AmazonEC2ContainerService')) return ecsCalls(operation, body);
  return [sqsCall(operation, body)];
}

/** What a path-style request to S3 is (Service Authorization Reference, Amazon S3). */
function s3Calls(method: string, url: URL, body: string): Requested[] {
  const resource = decodeURIComponent(url.pathname.slice(1));
  const [bucket = ''] = resource.split('/');
  if (url.searchParams.has('delete')) {
    const keys = [...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
    return keys.map((key) => ({ action: 's3:DeleteObject', resource: `${bucket}/${key}`, context: {} }));
  }
  if (url.searchParams.has('list-type')) {
    const context = { 's3:prefix': url.searchParams.get('prefix') ?? '' };
    return [{ action: 's3:ListBucket', resource: bucket, context }];
  }
  const action = { GET: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' }[method];
  return [{ action: action ?? `s3:${method}`, resource, context: {} }];
}

function callsOf({ method = '', headers, url = '' }: IncomingMessage, body: string): RecordedCall[] {
  // AWS Signature Version 4: Credential=KEY/DATE/REGION/SERVICE/aws4_request.
  const scope = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '');
  const [, principal = 'nobody', service = 's3'] = scope ?? [];
  const target = headers['x-amz-target'];
  const requested = (): Requested[] => {
    if (typeof target === 'string') return targetCalls(target, body);
    if (service !== 's3') return formCalls(service, body);
    return s3Calls(method, new URL(url, 'http://emulator'), body);
  };
  return requested().map((call) => ({ principal, ...call }));
}

/**
 * Starts a proxy to an emulator; queue URLs may name either of the two.
 *
 * @param emulator its endpoint, asked for at every request: it may start after the proxy.
 */
export async function startRecordingProxy(emulator: () => string): Promise<RecordingProxy> {
  const calls: RecordedCall[] = [];
  const server = createServer(async (incoming, outgoing) => {
    try {
      const bytes = Buffer.from(await arrayBuffer(incoming));
      calls.push(...callsOf(incoming, bytes.toString('latin1')));
      const { method, headers, url = '' } = incoming;
      const upstream = send(new URL(url, emulator()), { method, headers, agent: false });
      // A long poll that its client gave up must not take a message.
      outgoing.once('close', () => upstream.destroy());
      upstream.once('error', () => outgoing.destroy());
      upstream.once('response', (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      });
      upstream.end(bytes);
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
