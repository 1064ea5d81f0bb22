import { expect, test } from 'vitest';
import { DataError, UsageError } from '../../lib/errors.ts';
import { CharacterState } from '../../lib/models/characterState.ts';
import { generate } from '../../lib/models/generate.ts';
import { predict } from '../../lib/models/predict.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { syntheticModel } from './syntheticModel.ts';
import { characterModel } from './textModels.ts';

const draw = (options: Partial<Parameters<typeof generate>[1]> = {}) =>
  [...generate(characterModel(), { length: 400, temperature: 1, seed: 0, ...options })].join('');

function softmax(outputs: Float64Array): number[] {
  const weights = outputs.map(Math.exp);
  const sum = weights.reduce((a, b) => a + b);
  return [...weights].map((weight) => weight / sum);
}

test.each(['tanh', 'relu'] as const)(
  '%s: step by step it says what the network says of all steps',
  async (cell) => {
    const model = characterModel(cell);
    const ids = [4, 0, 2, 2, 3, 1];
    const backend = await loadBackend({ threads: 1, prefer: 'cpu' });
    const { data } = predict(model, { inputs: Int32Array.from(ids), samples: 1 }, backend);
    const state = new CharacterState(model);
    ids.forEach((id, step) => {
      state.read(id);
      const expected = data.subarray(step * 5, step * 5 + 5);
      softmax(state.outputs()).forEach((probability, k) => {
        expect(probability).toBeCloseTo(expected[k] as number, 6);
      });
    });
  },
);

test('equal seeds give equal texts, others others', () => {
  expect(draw()).toBe(draw());
  expect(draw({ seed: 1 })).not.toBe(draw());
  expect([...draw()]).toHaveLength(400);
});

test('a prompt is read, and decides on what follows', () => {
  expect(draw({ prompt: 'aé🙂', temperature: 0, length: 5 })).toBe(
    draw({ prompt: 'aé🙂', temperature: 0, length: 5, seed: 7 }),
  );
  expect(draw({ prompt: 'ab' })).not.toBe(draw({ prompt: '🙂' }));
});

test('characters come as often as their probabilities say, by the temperature', () => {
  const model = characterModel();
  const state = new CharacterState(model);
  for (const temperature of [0.5, 1, 2]) {
    const expected = softmax(state.outputs().map((output) => output / temperature));
    const counts = new Map<string, number>();
    const draws = 3000;
    for (let seed = 0; seed < draws; seed++) {
      const [first = ''] = generate(model, { length: 1, temperature, seed });
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    expected.forEach((probability, id) => {
      const share = (counts.get(model.vocabulary?.[id] ?? '') ?? 0) / draws;
      // Four standard deviations.
      expect(Math.abs(share - probability)).toBeLessThan(
        4 * Math.sqrt((probability * (1 - probability)) / draws),
      );
    });
  }
});

test('what cannot be is refused', () => {
  expect(() => draw({ prompt: 'ax' })).toThrow(DataError);
  expect(() => draw({ prompt: 'ax' })).toThrow(
    'prompt: character: expected one of the 5 characters of the model\'s training text, received "x"',
  );
  const options = { length: 1, temperature: 1, seed: 0 };
  expect(() => [...generate(syntheticModel(), options)]).toThrow(UsageError);
});
