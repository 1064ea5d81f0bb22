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
interface PadmmPage {
  /** The value of a custom property of the page: differs between light and dark. */
  colour(name: string): string;
  /** Writes numbers in one style; a dash where there is none. */
  writer(style: NumberStyle): (value: number | null | undefined) => string;
  /** The element that a page of this project always has. */
  find(selector: string, within?: ParentNode): HTMLElement;
  /**
   * Keeps a plot as wide as its place, redraws it when the colour scheme changes, and says in words what it shows.
   * Gives what ends all this with the plot.
   */
  settle(plot: uPlot, figure: HTMLElement): () => void;
  /** Says in words what a plot shows, for those who do not see it. */
  describe(plot: uPlot, summary: string): void;
  /** Shows other columns; a part that was zoomed to stays in view. */
  setColumns(plot: uPlot, columns: uPlot.AlignedData): void;
  /** Options that every axis has. */
  axis(): uPlot.Axis;
}

/** A drawing in a figure: of what it was given last. */
interface Drawing<Content> {
  update(content: Content): void;
  /** Takes it away. */
  remove(): void;
}

// A `var` is what makes a property of globalThis.
declare var padmmPage: PadmmPage;
declare var padmmCharts: { lineChart(figure: HTMLElement, chart: Chart): Drawing<Chart> };
declare var padmmTimelines: { timeline(figure: HTMLElement, timeline: Timeline): Drawing<Timeline> };
