/** What the scripts of the report find in the browser, beside its own objects and `uPlot`. */
type NumberStyle = import('../quantity.ts').NumberStyle;
type Chart = import('../chart.ts').Chart;
type Timeline = import('../timeline.ts').Timeline;

/** The JSON in the page. */
interface ReportData {
  readonly charts: Readonly<Record<string, Chart>>;
  readonly timelines: readonly (Timeline | null)[];
}

/** What `page.js` offers to the scripts that draw. */
interface PadmmReport {
  readonly data: ReportData;
  /** The value of a custom property of the page: differs between light and dark. */
  colour(name: string): string;
  /** Writes numbers in one style; a dash where there is none. */
  writer(style: NumberStyle): (value: number | null | undefined) => string;
  /** The element that a page of this project always has. */
  find(selector: string, within?: ParentNode): HTMLElement;
  /** Keeps a plot as wide as its place, redraws it when the colour scheme changes, and says in words what it shows. */
  settle(plot: uPlot, figure: HTMLElement): void;
  /** Options that every axis has. */
  axis(): uPlot.Axis;
}

// A `var` is what makes a property of globalThis.
declare var padmmReport: PadmmReport;
