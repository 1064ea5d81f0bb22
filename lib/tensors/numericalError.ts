import { PadmmError } from '../errors.ts';

/** A computation left the finite numbers, or a matrix to be factorised is not positive definite. */
export class NumericalError extends PadmmError {}
