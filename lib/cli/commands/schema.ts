import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { EnvironmentError } from '../../errors.ts';
import { runConfigJsonSchema } from '../configSchema.ts';
import { note, printJson } from '../output.ts';

const EXAMPLES = `
Examples:
  padmm schema --output run-config.schema.json`;

async function writeSchema(path: string): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(runConfigJsonSchema(), null, 2)}\n`);
  } catch (error) {
    throw new EnvironmentError(`${path}: expected a file that can be written, ${(error as Error).message}`, {
      cause: error,
    });
  }
  note(`wrote ${path}`);
}

/** `padmm schema`: the JSON Schema of a run config, for editors and other programs. */
export const schemaCommand = (): Command =>
  new Command('schema')
    .option('--output <file>', 'write it to a file instead of stdout')
    .addHelpText('after', EXAMPLES)
    .action(async ({ output }: { output?: string }) => {
      if (output === undefined) printJson(runConfigJsonSchema());
      else await writeSchema(output);
    });
