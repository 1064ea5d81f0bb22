import type { TaskShape } from '../../lib/protocol/dataset.ts';

/** A small task; what is not said is four steps of three features, classified in five, read out at the last. */
export function taskShape(parts: Partial<TaskShape> = {}): TaskShape {
  return {
    timeSteps: 4,
    input: { kind: 'dense', features: 3, scale: 1 },
    target: { kind: 'classes', classes: 5 },
    readout: 'last',
    ...parts,
  };
}

/** Numbers that look drawn and never change: fractions of multiples of the golden ratio, in ±½. */
export const scatter = (length: number, offset = 0): number[] =>
  Array.from({ length }, (_, i) => ((((i + offset) * 0.6180339887) % 1) + 1) % 1).map((x) => x - 0.5);
