/** Rows of numbers, checked against what a model takes. */
import type { InputArray } from '../data/samples.ts';
import { DataError } from '../errors.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { PredictionInputs } from './predict.ts';

const MAX_SHOWN_LENGTH = 60;

/** Numbers of one sample: T · n values, or T ids. */
export const rowLength = ({ input, timeSteps }: TaskShape): number =>
  input.kind === 'dense' ? timeSteps * input.features : timeSteps;

/** A sample in words, for the message of an error. */
export function describeRow({ input, timeSteps }: TaskShape): string {
  if (input.kind === 'oneHot') return `${timeSteps} token ids`;
  return `${timeSteps * input.features} numbers (${timeSteps} steps of ${input.features})`;
}

/** What each number must be. */
export function describeNumber({ input }: TaskShape): string {
  if (input.kind === 'oneHot') return `an integer from 0 to ${input.vocabulary - 1}`;
  return 'a number that is finite as a 32-bit float';
}

/** Whether the network can take a number. */
export function isTaken({ input }: TaskShape, value: unknown): value is number {
  if (typeof value !== 'number') return false;
  if (input.kind === 'dense') return Number.isFinite(Math.fround(value));
  return Number.isInteger(value) && value >= 0 && value < input.vocabulary;
}

/** A value as the message of an error shows it. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

/** Checked rows of one length, put together. */
export class InputRows {
  readonly #shape: TaskShape;
  readonly #path: string;
  readonly #rows: (readonly number[])[] = [];

  constructor(shape: TaskShape, path: string) {
    this.#shape = shape;
    this.#path = path;
  }

  /**
   * Adds a sample.
   *
   * @param place where it stands in the file, for the message of an error: `line 3`.
   * @throws DataError where it has more or fewer numbers than a sample, or one that the network cannot take.
   */
  add(row: readonly unknown[], place: string): void {
    const length = rowLength(this.#shape);
    if (row.length !== length) {
      const mismatch = { field: place, expected: describeRow(this.#shape), received: `${row.length}` };
      throw new DataError(this.#path, mismatch);
    }
    const wrong = row.findIndex((value) => !isTaken(this.#shape, value));
    if (wrong >= 0) {
      const mismatch = {
        field: `${place}, number ${wrong + 1}`,
        expected: describeNumber(this.#shape),
        received: show(row[wrong]),
      };
      throw new DataError(this.#path, mismatch);
    }
    this.#rows.push(row as readonly number[]);
  }

  /** All samples as one array. @throws DataError where there are none. */
  finish(): PredictionInputs {
    const samples = this.#rows.length;
    if (samples === 0) {
      throw new DataError(this.#path, { field: 'samples', expected: 'at least one', received: 'none' });
    }
    const length = rowLength(this.#shape);
    const inputs: InputArray =
      this.#shape.input.kind === 'dense'
        ? new Float32Array(samples * length)
        : new Int32Array(samples * length);
    this.#rows.forEach((row, at) => {
      inputs.set(row, at * length);
    });
    return { inputs, samples };
  }
}
