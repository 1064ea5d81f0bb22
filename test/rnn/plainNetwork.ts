/** A recurrent network in plain JavaScript, sample by sample, to hold the one on the backend against. */
import type { NamedArrays } from '../../lib/codec/safetensors.ts';
import type { ParameterName } from '../../lib/protocol/parameters.ts';

/** Gives the outputs of one sample at every step, from its inputs: rows of features, or ids. */
export function runPlainNetwork(
  parameters: NamedArrays,
  cell: 'tanh' | 'relu',
  inputs: readonly (readonly number[] | number)[],
  paddingId: number | null,
): number[][] {
  const at = (name: ParameterName) => {
    const { data, shape } = parameters.get(name) ?? { data: new Float32Array(), shape: [] };
    const columns = shape.at(-1) ?? 0;
    return (row: number, column: number): number => data[row * columns + column] ?? Number.NaN;
  };
  const [U, W, b, V, c] = [at('U'), at('W'), at('b'), at('V'), at('c')];
  const H = parameters.get('b')?.data.length ?? 0;
  const K = parameters.get('c')?.data.length ?? 0;
  const range = (length: number): number[] => [...Array(length).keys()];
  const dot = (left: readonly number[], right: (i: number) => number): number =>
    left.reduce((sum, value, i) => sum + value * right(i), 0);
  let h: number[] = range(H).map(() => 0);
  return inputs.map((x) => {
    if (x !== paddingId) {
      h = range(H).map((j) => {
        const drive = typeof x === 'number' ? U(x, j) : dot(x, (i) => U(i, j));
        const s = drive + dot(h, (i) => W(i, j)) + b(0, j);
        return cell === 'tanh' ? Math.tanh(s) : Math.max(0, s);
      });
    }
    return range(K).map((k) => dot(h, (i) => V(i, k)) + c(0, k));
  });
}
