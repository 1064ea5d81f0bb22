/** What a figure is: a ratio, or another number, that the same command measures on any machine. */

/** What a value counts in: times as much, share in percent, milliseconds. */
export type Unit = '×' | '%' | 'ms';

/** A figure before it is measured. */
export interface FigureKind {
  /** Under which it stands in the JSON. */
  readonly figure: string;
  /** What is held against what. */
  readonly title: string;
  readonly unit: Unit;
  readonly better: 'higher' | 'lower';
  /** What the value must reach, and what it should; null where it is only reported. */
  readonly must: number | null;
  readonly aim: number | null;
}

/** What the repetitions gave. */
export interface Measurement extends FigureKind {
  /** One value a repetition, in the figure's unit. */
  readonly values: readonly number[];
  /** The measurements behind the values, a list of one number a repetition each; units are in the names. */
  readonly raw: Readonly<Record<string, readonly number[]>>;
}

/** A figure that could not be measured here, and why. */
export interface Skipped extends FigureKind {
  readonly skipped: string;
  /** Whether it should have been measured, and an error came instead. */
  readonly failed: boolean;
}

export type Outcome = Measurement | Skipped;

/** How much is measured. */
export interface Effort {
  /** Whether everything is tiny: it shows that the program works, and no figure means anything. */
  readonly quick: boolean;
  /** Interleaved repetitions. */
  readonly repetitions: number;
}

/** What a measurement may use. */
export interface Bench extends Effort {
  /** Directory of the MNIST files; generated digits are used without. */
  readonly dataDirectory: string | undefined;
  /** An empty directory of this measurement's own, removed after it. */
  readonly directory: string;
  /** Says how far it is. */
  say(progress: string): void;
}

/** Figures that are measured together. */
export interface FigureGroup {
  /** What {@link measure} gives; known before, so that all of them can be listed. */
  readonly kinds: readonly FigureKind[];
  measure(bench: Bench): Promise<readonly Outcome[]>;
}

/** All of a group as not measured, for the same reason. */
export const skip = (kinds: readonly FigureKind[], skipped: string): Skipped[] =>
  kinds.map((kind) => ({ ...kind, skipped, failed: false }));

/** What is measured as tiny as it can be where the pass is a quick one. */
export const sized = <T>({ quick }: Effort, full: T, tiny: T): T => (quick ? tiny : full);
