/**
 * A deployment as the command line finds one: CloudFormation answers with the outputs of a stack, and ECS with the
 * description of a service, as they were recorded; everything else goes to the embedded emulator, or to any other.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Deployment } from '../../lib/cloud/deployment.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';

export interface RecordedStack {
  readonly endpoint: string;
  /** What ECS was told to want, in the order of the requests. */
  readonly wanted: readonly number[];
  close(): Promise<void>;
}

export interface RecordedStackOptions {
  /** Outputs beside those that lead to the deployment; one that is undefined is left out. */
  readonly outputs?: Readonly<Record<string, string | undefined>>;
  /** What ECS says of the service, beside the desired count. */
  readonly service?: object;
  /** Tasks that ended lately, as DescribeTasks gives them. */
  readonly stoppedTasks?: readonly object[];
  /** Answers requests by their action or target before anything else does. */
  readonly answer?: (action: string, body: string) => { status: number; body: string } | undefined;
}

const CLUSTER = 'padmm-cluster';
const TASK_ARN = `arn:aws:ecs:us-east-1:000000000000:task/${CLUSTER}`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Source: AWS CloudFormation API Reference, DescribeStacks. */
export function stackXml(name: string, outputs: Readonly<Record<string, string | undefined>>): string {
  const members = Object.entries(outputs)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value ?? '')}</OutputValue></member>`,
    );
  return (
    '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>' +
    `<StackName>${name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>` +
    `<Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
  );
}

export const errorXml = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`;

/** `Action` of a query, or the operation of a JSON request. */
function actionOf(request: IncomingMessage, body: string): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  return new URLSearchParams(body).get('Action') ?? '';
}

async function forward(request: IncomingMessage, body: Buffer, to: string, response: ServerResponse) {
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const answer = await fetch(`${to}${request.url}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(hasBody ? { body: new Uint8Array(body) } : {}),
  });
  const content = Buffer.from(await answer.arrayBuffer());
  const kept = [...answer.headers].filter(
    ([name]) => !['content-encoding', 'transfer-encoding'].includes(name),
  );
  response.writeHead(answer.status, Object.fromEntries(kept)).end(content);
}

/** The stack `padmm` in front of a deployment. */
export async function recordStack(
  deployment: Deployment,
  { outputs = {}, service = {}, stoppedTasks = [], answer }: RecordedStackOptions = {},
): Promise<RecordedStack> {
  const wanted: number[] = [];
  const all = {
    PadmmVersion: String(PROTOCOL_VERSION),
    PadmmBucket: deployment.bucket,
    PadmmTasksQueueUrl: deployment.tasksQueueUrl,
    PadmmResultsQueueUrl: deployment.resultsQueueUrl,
    PadmmFoldsQueueUrl: deployment.foldsQueueUrl ?? '',
    PadmmCompute: 'cpu',
    PadmmCluster: CLUSTER,
    PadmmService: 'padmm-service',
    PadmmMaxWorkers: '8',
    ...outputs,
  };
  const ecs: Readonly<Record<string, (body: string) => object>> = {
    DescribeServices: () => ({
      services: [
        { desiredCount: wanted.at(-1) ?? 0, runningCount: 0, pendingCount: 0, events: [], ...service },
      ],
    }),
    UpdateService: (body) => {
      wanted.push(JSON.parse(body).desiredCount);
      return { service: {} };
    },
    ListTasks: () => ({ taskArns: stoppedTasks.map((_, i) => `${TASK_ARN}/${i}`) }),
    DescribeTasks: () => ({ tasks: stoppedTasks }),
  };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const bytes = await buffer(request);
    const body = bytes.length < 1_000_000 ? bytes.toString('utf8') : '';
    const action = actionOf(request, body);
    const decided = answer?.(action, body);
    if (decided) return response.writeHead(decided.status).end(decided.body);
    if (action === 'DescribeStacks') {
      const name = new URLSearchParams(body).get('StackName') ?? '';
      if (name === 'padmm') return response.writeHead(200).end(stackXml(name, all));
      const message = `Stack with id ${name} does not exist`;
      return response.writeHead(400).end(errorXml('ValidationError', message));
    }
    const known = ecs[action];
    if (known) {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      return response.writeHead(200).end(JSON.stringify(known(body)));
    }
    return forward(request, bytes, deployment.endpoint ?? '', response);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    wanted,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}
