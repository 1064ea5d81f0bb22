import { Command, InvalidArgumentError, Option } from 'commander';
import { type GenerateOptions, generate as generateFrom } from '../../models/generate.ts';
import { modelArgument, readNamedModel } from '../modelArgument.ts';
import { addPlaceOptions, jsonOption, parsePositiveInteger, parseWholeNumber } from '../options.ts';
import { printJson } from '../output.ts';
import type { PlaceOptions } from '../place.ts';

interface GenerateCommandOptions extends PlaceOptions, GenerateOptions {
  readonly json?: true;
}

const DEFAULTS = { length: 300, temperature: 1, seed: 0 } as const;

const EXAMPLES = `
The prompt, then what the model draws after it. Equal models, prompts, temperatures and seeds give equal texts.

Examples:
  padmm generate latest --prompt "He " --length 200
  padmm generate model.safetensors --temperature 0.5 --seed 3 --json`;

/** A temperature. @throws InvalidArgumentError, which commander turns into a usage message. */
function parseTemperature(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of at least 0.');
}

async function generate(word: string, options: GenerateCommandOptions): Promise<void> {
  const { prompt = '', length, temperature, seed, json } = options;
  const model = await readNamedModel(word, options);
  const characters = generateFrom(model, { prompt, length, temperature, seed });
  if (json) {
    const text = [...characters].join('');
    return printJson({ run: model.run, version: model.version, prompt, temperature, seed, text });
  }
  // The first is drawn before the prompt is repeated: a model that cannot is told of without output.
  const first = characters.next();
  process.stdout.write(`${prompt}${first.value ?? ''}`);
  for (const character of characters) process.stdout.write(character);
  process.stdout.write('\n');
}

/** `padmm generate RUN|FILE`: text on stdout as it is drawn. */
export const generateCommand = (): Command =>
  addPlaceOptions(
    new Command('generate')
      .addArgument(modelArgument())
      .option('--prompt <text>', 'what the text begins with')
      .addOption(
        new Option('--length <n>', 'characters to draw')
          .argParser(parsePositiveInteger)
          .default(DEFAULTS.length),
      )
      .addOption(
        new Option('--temperature <t>', '1: as trained; less is tamer; 0: always the likeliest')
          .argParser(parseTemperature)
          .default(DEFAULTS.temperature),
      )
      .addOption(
        new Option('--seed <n>', 'of what is drawn').argParser(parseWholeNumber).default(DEFAULTS.seed),
      )
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      .action(generate),
  );
