/** What an experiment has to show, before it is written down. */

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Some lines in one picture. */
export interface Chart {
  /** Name of its file, without the ending. */
  readonly name: string;
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
}

export interface Line {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Section {
  readonly title: string;
  /** What was done: settings, budgets, what is a subset of what. In Markdown. */
  readonly description: string;
  readonly tables: readonly { readonly caption: string; readonly table: Table }[];
  readonly charts: readonly Chart[];
}
