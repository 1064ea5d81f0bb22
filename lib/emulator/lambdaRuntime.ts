/**
 * What runs inside the process of a function: loads the handler once, then answers one event at a time, as AWS Lambda's
 * runtime for Node does.
 *
 * Source: AWS Lambda Developer Guide, "Lambda runtime environment lifecycle" and "Using the Lambda context object".
 */
import { pathToFileURL } from 'node:url';

/** From the parent: an event to handle. */
export interface Invocation {
  readonly requestId: string;
  readonly functionName: string;
  readonly event: unknown;
  readonly deadlineMs: number;
}

export interface ThrownError {
  readonly name: string;
  readonly message: string;
}

/** To the parent. */
export type RuntimeMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'initFailed'; readonly error: ThrownError }
  | { readonly type: 'answer'; readonly value: unknown }
  | { readonly type: 'failure'; readonly error: ThrownError };

type Handler = (event: unknown, context: object) => unknown;

const describe = (error: unknown): ThrownError =>
  error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };

const tell = (message: RuntimeMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });

function contextOf({ requestId, functionName, deadlineMs }: Invocation): object {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: String(process.pid),
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function loadHandler(entry: string): Promise<Handler> {
  const module: { handler?: unknown } = await import(pathToFileURL(entry).href);
  if (typeof module.handler === 'function') return module.handler as Handler;
  throw new TypeError(`${entry}: expected an exported function named handler, received ${module.handler}`);
}

async function answer(handler: Handler, invocation: Invocation): Promise<void> {
  try {
    const value = (await handler(invocation.event, contextOf(invocation))) ?? null;
    await tell({ type: 'answer', value });
  } catch (error) {
    console.error(error);
    await tell({ type: 'failure', error: describe(error) });
  }
}

try {
  const handler = await loadHandler(process.argv[2] ?? '');
  process.on('message', (invocation: Invocation) => void answer(handler, invocation));
  process.channel?.ref();
  await tell({ type: 'ready' });
} catch (error) {
  console.error(error);
  await tell({ type: 'initFailed', error: describe(error) });
  process.exitCode = 1;
}
