import { describe, expect, test } from 'vitest';
import { paceOf, progressLine } from '../../lib/cli/progress.ts';
import { testConfig, testState } from '../support/runs.ts';

const config = testConfig({ stop: { maxRounds: 50 } });
const at = (version: number) => ({ ...testState(config), version });

const seen = (version: number, samplesSeen: number) => {
  const state = at(version);
  return { ...state, counters: { ...state.counters, samplesSeen } };
};

describe('the pace', () => {
  test('is not known before a round was seen', () => {
    const pace = paceOf(config);
    expect(pace(at(10), 0)).toBeNull();
    expect(pace(at(10), 9000)).toBeNull();
  });

  test('goes by the time since the first look, not since the run began', () => {
    const pace = paceOf(config);
    pace(seen(10, 500), 1000);
    expect(pace(seen(20, 1500), 6000)).toEqual({ samplesPerSecond: 200, remainingSeconds: 15 });
    expect(pace(seen(50, 4500), 21_000)).toEqual({ samplesPerSecond: 200, remainingSeconds: 0 });
  });
});

describe('a line of progress', () => {
  const pace = { samplesPerSecond: 1234.5, remainingSeconds: 75 };

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
    expect(progressLine(config, state, pace)).toBe(
      'round 20/50 · 1235 samples/s · loss 1.250 · accuracy 50.0 % · validation 87.5 % (loss 0.500) · residuals 4.0e-2 2.0e-3 · 1 min 15 s left',
    );
    expect(progressLine(config, { ...state, status: 'paused' }, pace)).toMatch(/2\.0e-3 · paused$/);
    expect(progressLine(config, { ...state, latest: { loss: 1, accuracy: null } }, pace)).not.toContain(
      'accuracy',
    );
  });
});
