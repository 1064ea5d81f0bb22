import { describe, expect, test } from 'vitest';
import { isPlateau, residualsAreSmall } from '../../lib/consensus/stopping.ts';

const penalty = { input: 0.01, recurrent: 0.1, readout: 0.05 };
const scale = { parameters: 100, consensusNorm: 10, dualNorm: 2, penalty };

describe('residuals', () => {
  test('are small below √p ε_abs + ε_rel times the norm, both of them', () => {
    const tolerances = { absolute: 1e-3, relative: 1e-2 };
    const [primal, dual] = [10 * 1e-3 + 1e-2 * 10, 10 * 1e-3 + 1e-2 * 0.01 * 2];
    expect(residualsAreSmall({ primal, dual }, scale, tolerances)).toBe(true);
    expect(residualsAreSmall({ primal: primal * 1.01, dual }, scale, tolerances)).toBe(false);
    expect(residualsAreSmall({ primal, dual: dual * 1.01 }, scale, tolerances)).toBe(false);
  });

  test('are never small where no tolerance is given, unless they are zero', () => {
    const none = { absolute: 0, relative: 0 };
    expect(residualsAreSmall({ primal: 1e-12, dual: 0 }, scale, none)).toBe(false);
    expect(residualsAreSmall({ primal: 0, dual: 0 }, scale, none)).toBe(true);
  });
});

describe('a plateau', () => {
  test('is where the last losses bring no lower one than as many before', () => {
    expect(isPlateau([5, 4, 4.1, 4.2], 2, 0)).toBe(true);
    expect(isPlateau([5, 4, 4.1, 3.9], 2, 0)).toBe(false);
  });

  test('asks for a share of decrease', () => {
    expect(isPlateau([4, 3.9], 1, 0.05)).toBe(true);
    expect(isPlateau([4, 3.7], 1, 0.05)).toBe(false);
  });

  test('wants twice as many losses, and looks at no older ones', () => {
    expect(isPlateau([4, 4, 4], 2, 0)).toBe(false);
    expect(isPlateau([0.1, 5, 4, 3, 2], 2, 0)).toBe(false);
  });
});
