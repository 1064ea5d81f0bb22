import type { TaskShape } from '../protocol/dataset.ts';

/** Rows and columns of a picture of a digit. */
export const PICTURE_SIDE = 28;
export const DIGIT_NAMES: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * Shape of the task to name the digit on a picture of 28 × 28 bytes, read in the order of its pixels, `pixelsPerStep` of
 * them a time step; the network sees intensities in 0 … 1.
 */
export const pictureShape = (pixelsPerStep: number): TaskShape => ({
  timeSteps: PICTURE_SIDE ** 2 / pixelsPerStep,
  input: { kind: 'dense', features: pixelsPerStep, scale: 1 / 255 },
  target: { kind: 'classes', classes: DIGIT_NAMES.length },
  readout: 'last',
});
