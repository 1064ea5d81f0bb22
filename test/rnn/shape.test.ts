import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../lib/errors.ts';
import { parameterGroup, parameterShapes } from '../../lib/rnn/shape.ts';
import { taskShape } from '../support/tasks.ts';

const padded = { kind: 'oneHot', vocabulary: 9, padded: true } as const;

describe('parameter shapes', () => {
  test('of dense inputs and classes', () => {
    const shapes = parameterShapes(taskShape(), { hiddenUnits: 7 });
    expect(Object.entries(shapes)).toEqual([
      ['U', [3, 7]],
      ['W', [7, 7]],
      ['b', [7]],
      ['V', [7, 5]],
      ['c', [5]],
    ]);
  });

  test('of one-hot inputs and values', () => {
    const shapes = parameterShapes(taskShape({ input: padded, target: { kind: 'values', size: 2 } }), {
      hiddenUnits: 7,
    });
    expect(shapes).toMatchObject({ U: [9, 7], V: [7, 2], c: [2] });
  });

  test('padded inputs are not read out at every step', () => {
    const shape = taskShape({ input: padded, readout: 'every' });
    expect(() => parameterShapes(shape, { hiddenUnits: 7 })).toThrow(ConfigError);
  });
});

describe('parameter groups', () => {
  test('U goes with W where it has no penalty of its own', () => {
    const groups = (['U', 'W', 'b', 'V', 'c'] as const).map((name) => parameterGroup(name, { input: null }));
    expect(groups).toEqual(['recurrent', 'recurrent', 'recurrent', 'readout', 'readout']);
  });

  test('U is a group of its own where it has', () => {
    expect(parameterGroup('U', { input: 0.01 })).toBe('input');
    expect(parameterGroup('W', { input: 0.01 })).toBe('recurrent');
  });
});
