/**
 * Loads a function's handler once, then answers one event after the other: a line of JSON in, a line of JSON out.
 * Standard output and error are the function's log.
 */
import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { env } = process;
const answersFd = Number(env.PADMM_ANSWERS_FD);

/** @param {unknown} value */
const answer = (value) => {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(answersFd, bytes, at);
};

/** @param {unknown} error @returns what Lambda reports of an error that a handler threw */
const describe = (error) => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { errorType: name, errorMessage: message, trace: (stack ?? '').split('\n') };
};

async function loadHandler() {
  const named = env._HANDLER ?? '';
  const dot = named.lastIndexOf('.');
  const stem = join(env.LAMBDA_TASK_ROOT ?? '', named.slice(0, dot));
  const file = ['.mjs', '.js', '.cjs'].map((suffix) => stem + suffix).find(existsSync);
  if (file === undefined) throw new Error(`${stem}: expected a module, received no file`);
  const handler = (await import(pathToFileURL(file).href))[named.slice(dot + 1)];
  if (typeof handler !== 'function')
    throw new Error(`${named}: expected a function, received ${typeof handler}`);
  return handler;
}

const handler = await loadHandler();
answer('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { requestId, functionArn, event, deadlineMs } = JSON.parse(line);
  const context = {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    answer({ body: (await handler(event, context)) ?? null, isError: false });
  } catch (error) {
    answer({ body: describe(error), isError: true });
  }
}
