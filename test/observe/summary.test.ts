import { expect, test } from 'vitest';
import { IntegrityError } from '../../lib/errors.ts';
import { runSummarySchema, summarise } from '../../lib/observe/summary.ts';
import { syntheticRun } from './syntheticRun.ts';

const watched = { workers: 2, seconds: 41.5 };

test('a summary says of an ended run what its history says', () => {
  const view = syntheticRun({ rounds: 30 });
  const summary = summarise(view, watched);
  const tested = view.evaluations.find(({ split }) => split === 'test');
  expect(runSummarySchema.parse(summary)).toEqual(summary);
  expect(summary).toMatchObject({ ...watched, status: 'done', mode: 'sync', rounds: 30, version: 30 });
  expect(summary.accuracy).toBe(tested?.metrics.accuracy);
  expect(summary.loss).toBe(tested?.metrics.loss);
  expect(summary.primalResidual).toBe(view.rounds.at(-1)?.residuals.primal);
  expect(summary.samples).toBe(30 * 4 * 250);
  expect(summary.bytesWritten).toBe(30 * 4 * 86_056);
  expect(summary.digest).toBe(view.state.versions[30]?.digest);
});

test('a run that has just begun has no model, residuals or digest', () => {
  expect(summarise(syntheticRun({ rounds: 0 }), watched)).toMatchObject({
    status: 'running',
    rounds: 0,
    version: null,
    accuracy: null,
    loss: null,
    primalResidual: null,
    dualResidual: null,
    digest: null,
  });
});

test('a state that lost the version it chose is refused', () => {
  const view = syntheticRun({ rounds: 10 });
  const state = { ...view.state, versions: {} };
  expect(() => summarise({ ...view, state }, watched)).toThrow(IntegrityError);
});
