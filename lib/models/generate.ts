import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { randomStream } from '../data/random.ts';
import { CharacterState } from './characterState.ts';
import { characterEncoder } from './encodeText.ts';
import type { Model } from './model.ts';

export interface GenerateOptions {
  /** What the text begins with; not given back. Without, the first character is drawn from the state before any. */
  readonly prompt?: string;
  /** Characters to draw. */
  readonly length: number;
  /** τ: the softmax of o / τ is drawn from; 1 is as the model was trained, 0 takes the likeliest. */
  readonly temperature: number;
  readonly seed: number;
}

/** The id at which the cumulated probabilities pass a uniform number from 0 to 1. */
function idAt(weights: Float64Array, uniform: number): number {
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [id, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return id;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

/**
 * Draws a text from a model of characters, one after the other. The state is carried on beyond the T steps of a training
 * sequence. Equal models and options give equal texts.
 *
 * @throws UsageError where the model is none of characters; DataError where the prompt has a character that it does not know.
 */
export function* generate(model: Model, options: GenerateOptions): Generator<string> {
  const { prompt = '', length, temperature, seed } = options;
  const state = new CharacterState(model);
  const alphabet = model.vocabulary as readonly string[];
  for (const id of characterEncoder(alphabet)(prompt, 'prompt', 'character')) state.read(id);
  const stream = randomStream('generate', seed);
  for (let drawn = 0; drawn < length; drawn++) {
    const outputs = state.outputs();
    const largest = Math.max(...outputs);
    const id =
      temperature === 0
        ? outputs.indexOf(largest)
        : idAt(
            outputs.map((output) => Math.exp((output - largest) / temperature)),
            uniformFloat64(stream),
          );
    state.read(id);
    yield alphabet[id] as string;
  }
}
