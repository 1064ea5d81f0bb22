import { describe, expect, test } from 'vitest';
import { progressLine, remainingTime } from '../../lib/cli/progress.ts';
import { testConfig, testState } from '../support/runs.ts';

const config = testConfig({ stop: { maxRounds: 50 } });
const at = (version: number) => ({ ...testState(config), version });

describe('the time that is left', () => {
  test('is not known before a round was seen', () => {
    const remaining = remainingTime(config);
    expect(remaining(at(10), 0)).toBeNull();
    expect(remaining(at(10), 9000)).toBeNull();
  });

  test('goes by the pace since the first look, not since the run began', () => {
    const remaining = remainingTime(config);
    remaining(at(10), 1000);
    expect(remaining(at(20), 6000)).toBe(15);
    expect(remaining(at(50), 21_000)).toBe(0);
  });
});

describe('a line of progress', () => {
  test('of a run that begins holds its round alone', () => {
    expect(progressLine(config, at(0), null)).toBe('round 0/50');
  });

  test('holds all that is known', () => {
    const metrics = { loss: 0.5, accuracy: 0.875, samples: 8 };
    const state = {
      ...at(20),
      latest: { loss: 1.25, accuracy: 0.5 },
      residuals: { primal: 0.04, dual: 0.002 },
      evaluations: { ...at(20).evaluations, latest: { version: 20, metrics } },
    };
    expect(progressLine(config, state, 75)).toBe(
      'round 20/50 · loss 1.250 · validation 87.5 % (loss 0.500) · residuals 4.0e-2 2.0e-3 · 1 min 15 s left',
    );
    expect(progressLine(config, { ...state, status: 'paused' }, 75)).toMatch(/2\.0e-3 · paused$/);
  });
});
