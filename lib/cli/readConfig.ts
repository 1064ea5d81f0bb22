import { readFile } from 'node:fs/promises';
import { type ParseError, parse } from 'jsonc-parser';
import { ConfigError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import { parseRunConfig } from '../protocol/parseConfig.ts';

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

/** Line and column, from 1, of what keeps a text from being JSON; JSON.parse itself does not always say. */
function placeOfError(text: string): string {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const before = text.slice(0, errors[0]?.offset ?? text.length).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const received = (error as SyntaxError).message.replace(
      /( in JSON at position|, ["].*is not valid JSON).*$/s,
      '',
    );
    throw new ConfigError(SUBJECT, [{ field: `${path}:${placeOfError(text)}`, expected: 'JSON', received }], {
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
  return parseRunConfig(input, `${SUBJECT} ${path}`);
}
