import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { historyCsv, historyJson, historyParquet } from '../../../lib/observe/export/historyFiles.ts';
import { encodeRecords } from '../../../lib/observe/export/recordFile.ts';
import { eventFileName, tensorBoardEvents } from '../../../lib/observe/export/tensorBoard.ts';
import { renderMarkdown } from '../../../lib/observe/report/markdown.ts';
import { historyRecordSchema } from '../../../lib/protocol/history.ts';
import { syntheticRun } from '../syntheticRun.ts';

const view = syntheticRun({ rounds: 30 });
const validation = view.evaluations.filter(({ split }) => split === 'validation');

const csvRows = (of = view): Record<string, string>[] => parse(historyCsv(of), { columns: true });

async function parquetRows(of = view) {
  const file = historyParquet(of);
  return parquetReadObjects({
    file: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer,
  });
}

describe('the table of a run', () => {
  test('has a row a version, with what the history says, in CSV', () => {
    const rows = csvRows();
    expect(rows).toHaveLength(30);
    rows.forEach((row, i) => {
      const round = view.rounds[i];
      expect(row.run).toBe(view.state.run);
      expect(Number(row.version)).toBe(round?.version);
      expect(Number(row.loss)).toBe(round?.loss);
      expect(Number(row.primal_residual)).toBe(round?.residuals.primal);
      expect(Number(row.samples_seen)).toBe(round?.samplesSeen);
      expect(Date.parse(row.formed_at ?? '')).toBe(round?.formedAtMs);
      const measured = validation.find(({ version }) => version === round?.version);
      expect(row.validation_loss).toBe(measured === undefined ? '' : String(measured.metrics.loss));
    });
  });

  test('is the same in Parquet, with the types of its columns', async () => {
    const rows = await parquetRows();
    const text = csvRows();
    expect(rows).toHaveLength(30);
    rows.forEach((row, i) => {
      for (const [name, cell] of Object.entries(text[i] ?? {})) {
        const stored = row[name] instanceof Date ? row[name].toISOString() : String(row[name] ?? '');
        expect(stored, name).toBe(cell);
      }
      expect(typeof row.version).toBe('bigint');
      expect(typeof row.loss).toBe('number');
    });
    const { key_value_metadata } = parquetMetadata(new Uint8Array(historyParquet(view)).buffer);
    expect(JSON.parse(key_value_metadata?.[0]?.value ?? '')).toEqual(view.config);
  });

  test('of a run without rounds has a header alone', async () => {
    const empty = syntheticRun({ rounds: 0 });
    expect(csvRows(empty)).toEqual([]);
    expect(historyCsv(empty)).toMatch(/^run,version,.*\r\n$/);
    expect(await parquetRows(empty)).toEqual([]);
  });
});

test('JSON holds every record as it is stored', () => {
  const document = JSON.parse(historyJson(view));
  expect(document.rounds).toEqual(view.rounds);
  expect(document.config).toEqual(view.config);
  for (const record of [...document.rounds, ...document.evaluations]) historyRecordSchema.parse(record);
});

describe('record files', () => {
  test('carry masked checksums of length and data', () => {
    // CRC-32C of "123456789" is 0xe3069283 (RFC 3720, B.4 gives others of its kind); masked and little-endian, e5b08ac7.
    const expected = `090000000000000037f97139${Buffer.from('123456789').toString('hex')}e5b08ac7`;
    const record = Buffer.from(encodeRecords([Buffer.from('123456789')])).toString('hex');
    expect(record).toBe(expected);
  });

  test('begin with the version of events', () => {
    const events = Buffer.from(tensorBoardEvents(view, 'train') ?? []);
    expect(events.subarray(0, 64).includes('brain.Event:2')).toBe(true);
    expect(eventFileName(view)).toMatch(/^events\.out\.tfevents\.\d+\.padmm$/);
  });

  test('are not made where nothing was measured', () => {
    const empty = syntheticRun({ rounds: 0 });
    expect(tensorBoardEvents(empty, 'train')).toBeNull();
    expect(tensorBoardEvents(syntheticRun({ rounds: 3 }), 'validation')).toBeNull();
  });
});

describe('the report as Markdown', () => {
  const lines = renderMarkdown([view]).split('\n');

  test('says what the history says', () => {
    const tested = view.evaluations.find(({ split }) => split === 'test');
    const accuracy = `${((tested?.metrics.accuracy ?? 0) * 100).toFixed(2).replace(/\.?0+$/, '')}%`;
    expect(lines).toContain(`| Test accuracy | ${accuracy} |`);
    expect(lines).toContain('| Rounds | 30 of 30 |');
    expect(lines.filter((line) => /^\| (10|20|30) \|/.test(line))).toHaveLength(3);
    const config = /```json\n([\s\S]*?)\n```/.exec(lines.join('\n'))?.[1] ?? '';
    expect(JSON.parse(config)).toEqual(view.config);
  });

  test('has tables of as many cells as their heads', () => {
    const cells = (line: string) => line.split(/(?<!\\)\|/).length;
    let width = 0;
    for (const line of lines) {
      if (!line.startsWith('|')) width = 0;
      else {
        width ||= cells(line);
        expect(cells(line), line).toBe(width);
      }
    }
  });

  test('puts several runs side by side', () => {
    const other = syntheticRun({ name: 'other', rounds: 20 });
    const text = renderMarkdown([view, other]);
    expect(text).toContain(`| Figure | ${view.state.run} | ${other.state.run} |`);
    expect(text).toContain('| Rounds | 30 of 30 | 20 of 20 |');
  });
});
