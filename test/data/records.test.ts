import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldOf, nameIn, numberIn, readRecords, textIn } from '../../lib/data/records.ts';
import type { DataProgress } from '../../lib/data/samples.ts';
import { DataError } from '../../lib/errors.ts';
import { freshDirectory } from './idxFiles.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await freshDirectory(), name);
  await writeFile(path, content);
  return path;
}

const read = async (name: string, content: string | Uint8Array) =>
  collect(readRecords(await fileOf(name, content), {}));

describe('readRecords', () => {
  it('reads CSV with quotes, line breaks in fields and a byte order mark', async () => {
    expect(await read('a.csv', '\uFEFFtext,label\r\n"one, ""two""\nthree",x\r\n\r\nfour,y\r\n')).toEqual([
      { line: 3, fields: { text: 'one, "two"\nthree', label: 'x' } },
      { line: 5, fields: { text: 'four', label: 'y' } },
    ]);
  });

  it('reads TSV and JSONL', async () => {
    expect(await read('a.tsv', 'a\tb\n1\t2,5\n')).toEqual([{ line: 2, fields: { a: '1', b: '2,5' } }]);
    expect(await read('a.jsonl', '{"a": 1}\r\n\n{"a": "é"}')).toEqual([
      { line: 1, fields: { a: 1 } },
      { line: 3, fields: { a: 'é' } },
    ]);
  });

  it('reads files larger than a chunk, and reports the bytes read', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"number": ${i}, "text": "ä€😀"}`);
    const path = await fileOf('a.ndjson', lines.join('\n'));
    const seen: DataProgress[] = [];
    const records = await collect(readRecords(path, { onProgress: (progress) => seen.push(progress) }));
    expect(records.map(({ fields }) => fields.number)).toEqual(lines.map((_, i) => i));
    expect(records.every(({ fields }) => fields.text === 'ä€😀')).toBe(true);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toMatchObject({ activity: 'reading a.ndjson', done: seen.at(-1)?.total });
  });

  it.each<[string, string, string | Uint8Array, RegExp]>([
    [
      'a record with a field too many',
      'a.csv',
      'a,b\n1,2\n1,2,3\n',
      /a\.csv: line 3: expected a record of as many fields/,
    ],
    ['a quote that never ends', 'a.csv', 'a,b\n"1,2\n', /a\.csv: line \d: expected a record/],
    ['CSV that is not UTF-8', 'a.csv', Uint8Array.of(0x61, 0x0a, 0xff), /a\.csv: encoding: expected UTF-8/],
    [
      'CSV that ends within a character',
      'a.csv',
      Uint8Array.of(0x61, 0x0a, 0xe2, 0x82),
      /encoding: expected UTF-8/,
    ],
    [
      'JSON that is cut off',
      'a.jsonl',
      '{"a": 1}\n{"a": ',
      /line 2: expected a JSON object, received SyntaxError/,
    ],
    ['JSON that is no object', 'a.jsonl', '[1, 2]', /line 1: expected a JSON object, received \[1, 2\]/],
    ['another format', 'a.xlsx', '', /name: expected one that ends in \.csv.* received \.xlsx/],
  ])('refuses %s', async (_, name, content, message) => {
    const reading = read(name, content);
    await expect(reading).rejects.toThrow(DataError);
    await expect(reading).rejects.toThrow(message);
  });

  it('names a file that is not there', async () => {
    const path = join(await freshDirectory(), 'absent.csv');
    await expect(collect(readRecords(path, {}))).rejects.toThrow(/absent\.csv: file: .*ENOENT/);
  });
});

describe('fields', () => {
  const record = {
    line: 7,
    fields: {
      text: '',
      number: ' 1.5e3 ',
      name: ' x ',
      json: 4,
      flag: false,
      list: [],
      huge: '1e39',
      empty: ' ',
    },
  };

  it('gives texts, names and numbers', () => {
    expect(textIn('f', record, 'text')).toBe('');
    expect(nameIn('f', record, 'name')).toBe('x');
    expect(nameIn('f', record, 'flag')).toBe('false');
    expect(numberIn('f', record, 'number')).toBe(1500);
    expect(numberIn('f', record, 'json')).toBe(4);
  });

  it.each([
    [fieldOf, 'toString', /f: line 7: expected a field "toString", received only text, number/],
    [textIn, 'json', /line 7, json: expected text, received 4/],
    [nameIn, 'empty', /line 7, empty: expected a name or number, received " "/],
    [nameIn, 'list', /line 7, list: expected a name or number, received \[\]/],
    [numberIn, 'name', /line 7, name: expected a number that is finite as a 32-bit float, received " x "/],
    [numberIn, 'huge', /huge: .* received "1e39"/],
    [numberIn, 'empty', /empty: expected a number/],
    [numberIn, 'flag', /flag: expected a number.* received false/],
  ])('%o refuses %s', (get, name, message) => {
    expect(() => get('f', record, name)).toThrow(DataError);
    expect(() => get('f', record, name)).toThrow(message);
  });
});
