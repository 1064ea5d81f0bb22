/** What a model predicts, as JSON lines. */
import type { Model } from '../models/model.ts';
import type { Predictions } from '../models/predict.ts';

/** As many digits as a float32 is sure of. */
const DIGITS = 7;

const shorten = (values: Float32Array): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(DIGITS)));

const indexOfLargest = (values: Float32Array): number => values.indexOf(Math.max(...values));

/** One output vector: class, its name where it has one and all probabilities, or the values. */
function describeOutput({ shape, classNames, vocabulary }: Model, output: Float32Array) {
  if (shape.target.kind === 'values') return { values: shorten(output) };
  const best = indexOfLargest(output);
  // Where the next token is predicted at every step, the classes are the vocabulary.
  const name = (classNames ?? (shape.readout === 'every' ? vocabulary : undefined))?.[best];
  return { class: best, ...(name === undefined ? {} : { name }), probabilities: shorten(output) };
}

/** A line for each sample: one output, or with a readout at every step `steps`, a list of them. */
export function* predictionLines(model: Model, { shape, data }: Predictions): Generator<string> {
  const [samples = 0] = shape;
  const size = shape.at(-1) ?? 0;
  const steps = shape.length === 3 ? (shape[1] ?? 0) : 1;
  for (let sample = 0; sample < samples; sample += 1) {
    const outputs = Array.from({ length: steps }, (_, step) => {
      const from = (sample * steps + step) * size;
      return describeOutput(model, data.subarray(from, from + size));
    });
    yield JSON.stringify(shape.length === 3 ? { steps: outputs } : outputs[0]);
  }
}
