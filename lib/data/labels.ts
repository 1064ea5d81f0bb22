import { DataError } from '../errors.ts';
import { GrowingArray } from './growingArray.ts';
import { byCodeUnits, Interner } from './interner.ts';

/** Numbers by size, then names by code units, so that ten classes "0" to "9" keep their numbers as ids. */
function compareLabels(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return x - y || byCodeUnits(a, b);
}

/** Labels of samples by name; the ids of the classes are known once all names are. */
export class Labels {
  readonly #interner = new Interner();

  newList(): GrowingArray<Int32Array<ArrayBuffer>> {
    return new GrowingArray(Int32Array);
  }

  /** A label of a training sample: makes its class known. */
  add(list: GrowingArray<Int32Array<ArrayBuffer>>, name: string): void {
    list.push(this.#interner.add(name));
  }

  /** A label of a test sample. @throws DataError where no training sample has its class. */
  addKnown(list: GrowingArray<Int32Array<ArrayBuffer>>, name: string, path: string, line: number): void {
    const number = this.#interner.add(name, 0);
    if (this.#interner.count(number) === 0) {
      const mismatch = { field: `line ${line}`, expected: 'a class of the training data', received: name };
      throw new DataError(path, mismatch);
    }
    list.push(number);
  }

  /**
   * Sorts the classes, and replaces in every list the classes' numbers by their ids.
   *
   * @returns names of the classes by id.
   * @throws DataError where there are fewer than two.
   */
  finish(path: string, ...lists: readonly GrowingArray<Int32Array<ArrayBuffer>>[]): readonly string[] {
    const names = this.#interner.names();
    if (names.length < 2) {
      const mismatch = { field: 'labels', expected: 'at least 2 classes', received: names.join() || 'none' };
      throw new DataError(path, mismatch);
    }
    const sorted = names.toSorted(compareLabels);
    const ids = new Map(sorted.map((name, id) => [name, id]));
    for (const list of lists) {
      const view = list.view();
      view.forEach((number, at) => {
        view[at] = ids.get(names[number] as string) as number;
      });
    }
    return sorted;
  }
}
