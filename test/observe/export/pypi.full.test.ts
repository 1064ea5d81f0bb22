/** What PyPI's readers find in the files of a run's history. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { historyParquet } from '../../../lib/observe/export/historyFiles.ts';
import { eventFileName, tensorBoardEvents } from '../../../lib/observe/export/tensorBoard.ts';
import { pythonWith } from '../../support/pypi.ts';
import { requirement } from '../../support/requirement.ts';
import { temporaryDirectory } from '../../support/temporaryDirectory.ts';
import { syntheticRun } from '../syntheticRun.ts';

const execute = promisify(execFile);
const { python, missing } = await pythonWith('tensorboard==2.20.0', 'setuptools==80.9.0', 'pyarrow==21.0.0');
const testWithPypi = requirement('pypi', missing);
const view = syntheticRun({ rounds: 30 });

async function read(program: string, path: string): Promise<Record<string, unknown>> {
  const { stdout } = await execute(python ?? '', ['-c', program, path]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const ACCUMULATE = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
print(json.dumps({tag: [[e.wall_time, e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))
`;

testWithPypi('TensorBoard accumulates the curves of every split', async () => {
  const directory = await temporaryDirectory();
  for (const split of ['train', 'validation'] as const) {
    await mkdir(join(directory, split));
    await writeFile(join(directory, split, eventFileName(view)), tensorBoardEvents(view, split) ?? '');
  }
  const train = await read(ACCUMULATE, join(directory, 'train'));
  expect(train.loss).toEqual(view.rounds.map((r) => [r.formedAtMs / 1000, r.version, Math.fround(r.loss)]));
  expect(train['residuals/dual']).toEqual(
    view.rounds.map((r) => [r.formedAtMs / 1000, r.version, Math.fround(r.residuals.dual)]),
  );
  const validation = await read(ACCUMULATE, join(directory, 'validation'));
  const measured = view.evaluations.filter(({ split }) => split === 'validation');
  expect(validation.accuracy).toEqual(
    measured.map(({ version, metrics }) => [
      (view.rounds[version - 1]?.formedAtMs ?? 0) / 1000,
      version,
      Math.fround(metrics.accuracy ?? 0),
    ]),
  );
  expect(Object.keys(validation).sort()).toEqual(['accuracy', 'loss']);
});

const TABLE = `
import json, sys
import pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1])
print(json.dumps({"types": {f.name: str(f.type) for f in table.schema}, "rows": json.loads(json.dumps(table.to_pylist(), default=str))}))
`;

testWithPypi('Arrow reads the table of Parquet', async () => {
  const file = join(await temporaryDirectory(), 'history.parquet');
  await writeFile(file, historyParquet(view));
  const { types, rows } = (await read(TABLE, file)) as { types: object; rows: Record<string, unknown>[] };
  expect(types).toMatchObject({
    run: 'string',
    version: 'int64',
    loss: 'double',
    formed_at: expect.stringMatching('timestamp'),
  });
  expect(rows.map(({ version, loss }) => [version, loss])).toEqual(
    view.rounds.map((r) => [r.version, r.loss]),
  );
});
