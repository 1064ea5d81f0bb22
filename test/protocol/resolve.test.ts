import { expect, test } from 'vitest';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { initialPenalties, momentumOf, resolveConfig, weightDecays } from '../../lib/protocol/resolve.ts';
import { taskShape } from '../support/tasks.ts';

const config = runConfigSchema.parse({ name: 'a', dataset: { kind: 'digits' } });
const words = (vocabulary: number) =>
  taskShape({ timeSteps: 28, input: { kind: 'oneHot', vocabulary, padded: true } });

test('σ grows with the time steps that an output depends on, up to a bound', () => {
  const sigma = (readout: 'last' | 'every', timeSteps: number) =>
    initialPenalties(resolveConfig(config, taskShape({ readout, timeSteps }))).recurrent;
  expect(sigma('last', 28)).toBeCloseTo(0.1, 12);
  expect(sigma('last', 14)).toBeCloseTo(0.05, 12);
  expect(sigma('last', 280)).toBe(0.1);
  expect(sigma('every', 280)).toBeCloseTo(1 / 280, 12);
});

test('U is solved by itself where there are more than 1,000 ids', () => {
  expect(resolveConfig(config, words(1000)).solver.penalty.input).toBeNull();
  expect(resolveConfig(config, words(1001)).solver.penalty.input).toBe(0.01);
  expect(initialPenalties(resolveConfig(config, words(1000))).input).toBeCloseTo(0.1, 12);
});

test('targets are scaled down where many steps add up in the last state', () => {
  const gain = (form: Parameters<typeof taskShape>[0]) => resolveConfig(config, taskShape(form)).solver.gain;
  const input = { kind: 'oneHot', vocabulary: 1001, padded: true } as const;
  expect(gain({ timeSteps: 120, input })).toBeCloseTo(1 / 60, 12);
  expect(gain({ timeSteps: 2, input })).toBe(1);
  expect(gain({ timeSteps: 120, input, readout: 'every' })).toBe(1);
  expect(gain({ timeSteps: 112, input: { ...input, vocabulary: 1000 } })).toBeCloseTo(1 / 4, 12);
  expect(gain({ timeSteps: 784 })).toBeCloseTo(1 / 28, 12);
  expect(gain({ timeSteps: 28 })).toBe(1);
  expect(gain({ timeSteps: 14 })).toBe(1);
  expect(gain({ timeSteps: 784, readout: 'every' })).toBe(1);
});

test('what a config says stays, and resolving twice changes nothing', () => {
  const solver = { ...config.solver, gain: 2, penalty: { recurrent: 2, readout: 3, input: null } };
  const said = { ...config, solver, consensus: { ...config.consensus, momentum: 0.3 } };
  expect(resolveConfig(said, words(5000))).toEqual(said);
  const resolved = resolveConfig(config, words(5000));
  expect(resolveConfig(resolved, words(5000))).toEqual(resolved);
  expect(runConfigSchema.parse(resolved)).toEqual(resolved);
});

test('μ is larger where inputs are ids, unless stale contributions are averaged', () => {
  const momentum = (mode: 'sync' | 'async', form: Parameters<typeof taskShape>[0]) =>
    momentumOf(resolveConfig({ ...config, consensus: { ...config.consensus, mode } }, taskShape(form)));
  const ids = { input: { kind: 'oneHot', vocabulary: 9, padded: false } } as const;
  expect(momentum('sync', ids)).toBe(0.8);
  expect(momentum('async', ids)).toBe(0.5);
  expect(momentum('sync', {})).toBe(0.5);
  expect(momentumOf(config)).toBe(0.5);
});

test('λ is a part of each σ, or what is written for all of them', () => {
  const penalty = { recurrent: 2, readout: 3, input: null };
  const of = (weightDecay?: number) =>
    weightDecays({
      ...config,
      solver: { ...config.solver, penalty },
      consensus: { ...config.consensus, weightDecay },
    });
  expect(of()).toEqual({ recurrent: 0.004, readout: 0.006, input: 0.004 });
  expect(of(0.1)).toEqual({ recurrent: 0.1, readout: 0.1, input: 0.1 });
  expect(of(0)).toEqual({ recurrent: 0, readout: 0, input: 0 });
});
