/** Clients whose answers a test decides, to force faults that no emulator makes on demand. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createClients } from '../../lib/cloud/clients.ts';

type Answer = (input: object, call: number) => object;

function answering<C extends S3Client | SQSClient>(client: C, answer: Answer): C {
  let calls = 0;
  const respond = async ({ input }: { input: object }) => ({ response: {}, output: answer(input, calls++) });
  const stack = client.middlewareStack as { add(middleware: () => typeof respond, where: object): void };
  stack.add(() => respond, { step: 'initialize', priority: 'high' });
  return client;
}

/** `answer` gives the output of the call, or throws its error; nothing goes over a network. */
export function answeringS3(answer: Answer): S3Client {
  return answering(createClients({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' }).s3, answer);
}

/** The same for SQS. */
export function answeringSqs(answer: Answer): SQSClient {
  return answering(createClients({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' }).sqs, answer);
}
