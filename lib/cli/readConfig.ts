import { readFile } from 'node:fs/promises';
import { ConfigError } from '../errors.ts';
import { type RunConfig, runConfigSchema } from '../protocol/config.ts';
import { parseInput } from '../protocol/validate.ts';

const SUBJECT = 'run config';
const BYTE_ORDER_MARK = '\uFEFF';

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const received = code === 'ENOENT' ? 'no such file' : message;
    throw new ConfigError(SUBJECT, [{ field: path, expected: 'a readable text file in UTF-8', received }], {
      cause: error,
    });
  }
}

/** Line and column, from 1, at which the parser of V8 stopped; a text that ends too early, it stops at its end. */
function positionOf(error: SyntaxError, text: string): { line: number; column: number } {
  const offset = Number(/at position (\d+)/.exec(error.message)?.[1] ?? text.length);
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column } = positionOf(error as SyntaxError, text);
    const received = (error as SyntaxError).message.replace(/ in JSON at position .*$/, '');
    throw new ConfigError(SUBJECT, [{ field: `${path}:${line}:${column}`, expected: 'JSON', received }], {
      cause: error,
    });
  }
}

/**
 * Reads and validates a run config, every default filled in.
 *
 * @param path of a JSON file in UTF-8.
 * @throws ConfigError naming the file, the line and column where it is no JSON, or every field that is wrong.
 */
export async function readRunConfig(path: string): Promise<RunConfig> {
  const text = await readText(path);
  const input = parseJson(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text, path);
  return parseInput(runConfigSchema, input, `${SUBJECT} ${path}`);
}
