/** Loads a bundled function, hands it its first event, and prints the milliseconds that both took. Arguments: bundle, event. */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [bundle = '', eventFile = ''] = process.argv.slice(2);
const event = JSON.parse(await readFile(eventFile, 'utf8'));
const context = { functionName: 'coordinator', awsRequestId: 'first', memoryLimitInMB: '2048' };

const startMs = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const { batchItemFailures } = await handler(event, context);
const passedMs = performance.now() - startMs;

if (batchItemFailures.length > 0) throw new Error(`the event failed: ${JSON.stringify(batchItemFailures)}`);
console.log(passedMs);
process.exit();
