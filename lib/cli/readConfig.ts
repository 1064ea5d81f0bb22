import { readFile } from 'node:fs/promises';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
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

/** Line and column, from 1, of a place in a text. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** `PropertyNameExpected` as `property name expected`. */
const inWords = ({ error }: ParseError): string =>
  printParseErrorCode(error)
    .replace(/(?<=[a-z])[A-Z]/g, ' $&')
    .toLowerCase();

/** JSON with comments and trailing commas, as editors write it. */
function parseJson(text: string, path: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return value;
  const field = `${path}:${placeOf(text, first.offset)}`;
  throw new ConfigError(SUBJECT, [{ field, expected: 'JSON', received: inWords(first) }]);
}

/**
 * Reads and validates a run config, every default filled in.
 *
 * @param path of a JSON file in UTF-8, which may hold comments and trailing commas.
 * @throws ConfigError naming the file, the line and column where it is no JSON, or every field that is wrong.
 */
export async function readRunConfig(path: string): Promise<RunConfig> {
  const text = await readText(path);
  const input = parseJson(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text, path);
  return parseRunConfig(input, `${SUBJECT} ${path}`);
}
