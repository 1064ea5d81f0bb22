import { expect, test } from 'vitest';
import { balancePenalty } from '../../lib/consensus/penalty.ts';

const penalty = { input: 0.01, recurrent: 0.1, readout: 0.05 };
const balancing = { ratio: 10, factor: 2 };

test('σ of every group grows where shards disagree more than z moves', () => {
  const grown = balancePenalty(penalty, { primal: 11, dual: 1 }, balancing);
  expect(grown).toEqual({ input: 0.02, recurrent: 0.2, readout: 0.1 });
});

test('σ falls where z moves more than shards disagree', () => {
  const fallen = balancePenalty(penalty, { primal: 1, dual: 11 }, balancing);
  expect(fallen).toEqual({ input: 0.005, recurrent: 0.05, readout: 0.025 });
});

test('σ stays while the residuals are within the ratio of each other', () => {
  for (const residuals of [
    { primal: 10, dual: 1 },
    { primal: 1, dual: 10 },
    { primal: 0, dual: 0 },
  ]) {
    expect(balancePenalty(penalty, residuals, balancing)).toEqual(penalty);
  }
});
