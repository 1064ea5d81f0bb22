import { comparisonCharts } from './report/comparison.ts';
import { comparisonTable } from './report/comparisonTable.ts';
import { html, Markup } from './report/html.ts';
import { renderPage } from './report/page.ts';
import { runCharts } from './report/runCharts.ts';
import { chartFigure, runSection } from './report/runSection.ts';
import { makeTimeline } from './report/timeline.ts';
import { runFigures } from './roundFigures.ts';
import type { RunView } from './runView.ts';

/** Where the charts of the comparison are found among those of the runs. */
const COMPARISON = 'compare';

function comparisonSection(views: readonly RunView[], figures: readonly Markup[]): Markup {
  if (views.length < 2) return new Markup('');
  return html`<section aria-labelledby="comparison"><h2 id="comparison">Comparison</h2>
${comparisonTable(views)}
<div class="charts">${figures}</div></section>`;
}

/**
 * Renders one or several runs as a single HTML file that asks nothing of anywhere: headline figures, curves, timeline,
 * config and versions; several are compared in a table and laid over each other first. A run in progress is shown as far as it went.
 *
 * Drawn with uPlot (https://github.com/leeoniya/uPlot), which is put into the file.
 *
 * @throws IntegrityError where a state does not list the version it chose.
 */
export function renderReport(views: readonly RunView[]): string {
  const runs = views.map((view, index) => {
    const figures = runFigures(view);
    return { view, index, figures, charts: runCharts(figures), timeline: makeTimeline(view) };
  });
  const compared = views.length < 2 ? [] : comparisonCharts(runs.map(({ figures }) => figures));
  const charts = Object.fromEntries([
    ...compared.map((chart) => [`${COMPARISON}/${chart.id}`, chart]),
    ...runs.flatMap(({ index, charts }) => charts.map((chart) => [`${index}/${chart.id}`, chart])),
  ]);
  const title =
    views.length === 1 ? `Training report: ${views[0]?.state.run}` : `Training report: ${views.length} runs`;
  const figures = compared.map((chart) => chartFigure(chart, `${COMPARISON}/${chart.id}`));
  return renderPage({
    title,
    body: html`<header><h1>Training report</h1></header>
<main>${comparisonSection(views, figures)}
${runs.map(runSection)}</main>`,
    data: { charts, timelines: runs.map(({ timeline }) => timeline) },
  });
}
