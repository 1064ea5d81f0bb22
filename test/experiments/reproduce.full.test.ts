import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LaboratoryProgress } from '../../bench/experiments/laboratory.ts';
import { reproduce } from '../../bench/experiments/reproduce.ts';
import { studyNames } from '../../bench/experiments/studies.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

/** All studies on generated data: a minute on an idle machine. */
const TIMEOUT_MS = 900_000;

test(
  'the quick pass makes a document with all studies, and finds its results again',
  async () => {
    const directory = await temporaryDirectory();
    const document = join(directory, 'RESULTS.md');
    let last: LaboratoryProgress | undefined;
    const pass = () =>
      reproduce({
        ...{ dataDirectory: undefined, quick: true, only: studyNames, document },
        ...{ processes: 2, useOutdated: false, resultsDirectory: join(directory, 'trials') },
        onProgress: (_study, progress) => {
          last = progress;
        },
      });

    const sections = await pass();
    expect(sections).toHaveLength(studyNames.length);
    expect(last?.reused).toBe(0);
    expect(last?.done).toBe(last?.asked);
    const first = await readFile(document, 'utf8');
    for (const { title, tables, charts } of sections) {
      expect(first).toContain(`## ${title}`);
      for (const { columns, rows } of tables.map(({ table }) => table)) {
        expect(rows.length).toBeGreaterThan(0);
        for (const row of rows) expect(row).toHaveLength(columns.length);
      }
      for (const { name } of charts) await access(join(directory, 'results', `${name}.svg`));
    }
    expect(first).not.toMatch(/NaN|undefined|Infinity/);

    await pass();
    expect(last?.reused).toBe(last?.asked);
    expect(await readFile(document, 'utf8')).toBe(first);
  },
  TIMEOUT_MS,
);
