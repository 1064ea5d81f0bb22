import { Command } from 'commander';
import { storeDataset } from '../../client/submit.ts';
import { DEFAULT_STACK } from '../../cloud/stack.ts';
import { addStackOptions, dataOption, jsonOption } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { chosenStack, type PlaceOptions, withStack } from '../place.ts';
import { readRunConfig } from '../readConfig.ts';

interface UploadOptions extends Omit<PlaceOptions, 'dir'> {
  readonly data?: string;
  readonly json?: true;
}

const EXAMPLES = `
Reads, checks, splits and shards the data as the config says, and stores them by the digest of what they are: runs on
the same data, shards and seed find them there. What is stored already is not sent again.

Examples:
  padmm upload examples/mnist.json --data DIR
  padmm upload examples/mnist.json --data DIR --stack padmm --json`;

async function upload(path: string, options: UploadOptions): Promise<void> {
  const config = await readRunConfig(path);
  const { prepareWithProgress } = await import('../submitToStack.ts');
  await withStack(chosenStack(options) ?? DEFAULT_STACK, options, async ({ connection, stack, name }) => {
    const prepared = await prepareWithProgress(config, { data: options.data, cloud: stack });
    const outcome = await storeDataset(connection.store, prepared);
    const { digest, train, validation, test } = prepared.manifest;
    const sizeBytes = [...train, validation, test].reduce((total, part) => total + part.sizeBytes, 0);
    note(outcome === 'exists' ? `${name} has it already` : `stored in ${name}`);
    if (options.json) printJson({ digest, outcome, shards: train.length, sizeBytes });
    else printLine(digest);
  });
}

/** `padmm upload CONFIG`: stores a dataset and starts nothing; prints its digest. */
export const uploadCommand = (): Command =>
  addStackOptions(
    new Command('upload').argument('<config>', 'run config, a JSON file').addOption(dataOption()),
  )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(upload);
