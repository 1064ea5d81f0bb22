import { Command } from 'commander';
import { runConfigJsonSchema } from '../configSchema.ts';
import { jsonOption } from '../options.ts';
import { note, printJson } from '../output.ts';
import { writeWhole } from '../writeWhole.ts';

const EXAMPLES = `
Examples:
  padmm schema --output run-config.schema.json`;

interface SchemaOptions {
  readonly output?: string;
  readonly json?: true;
}

async function schema({ output, json }: SchemaOptions): Promise<void> {
  if (output === undefined) return printJson(runConfigJsonSchema());
  await writeWhole(output, `${JSON.stringify(runConfigJsonSchema(), null, 2)}\n`);
  note(`wrote ${output}`);
  if (json) printJson({ file: output });
}

/** `padmm schema`: the JSON Schema of a run config, for editors and other programs. */
export const schemaCommand = (): Command =>
  new Command('schema')
    .option('--output <file>', 'write it to a file instead of stdout')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(schema);
