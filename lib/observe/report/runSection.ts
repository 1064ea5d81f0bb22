import type { RunView } from '../runView.ts';
import { type Chart, describeChart } from './chart.ts';
import { type Figure, headlineFigures } from './figures.ts';
import { html, Markup } from './html.ts';
import { formatCount, formatQuantity } from './quantity.ts';
import { type Timeline, type WorkerTotals, workerTotals } from './timeline.ts';
import { toolVersions } from './toolVersions.ts';

/** A chart's place on the page; the script draws in `.plot` and fills the table when it is opened. */
export function chartFigure(chart: Chart, key: string): Markup {
  return html`<figure class="chart" data-chart="${key}" data-summary="${describeChart(chart)}">
<figcaption><h4>${chart.title}</h4><p class="note">${chart.note}</p></figcaption>
<div class="plot"></div>
<details class="values"><summary>Values of ${chart.title.toLowerCase()}</summary></details>
</figure>`;
}

const figureCard = ({ name, label, value, long }: Figure): Markup =>
  html`<div class="${long ? 'figure long' : 'figure'}"><dt>${label}</dt><dd data-figure="${name}">${value}</dd></div>`;

const totalsRow = (t: WorkerTotals): Markup => html`<tr><th scope="row">${t.worker}</th>
<td>${formatCount(t.tasks)}</td><td>${formatCount(t.repeated)}</td><td>${formatCount(t.evaluations)}</td>
<td>${formatCount(t.shards)}</td><td>${formatQuantity('seconds', t.busySeconds)}</td>
<td>${formatQuantity('bytes', t.readBytes)}</td><td>${formatQuantity('bytes', t.writtenBytes)}</td></tr>`;

function workersTable(totals: readonly WorkerTotals[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of workers"><table>
<thead><tr><th scope="col">Worker</th><th scope="col">Solved</th><th scope="col">of these repeated</th>
<th scope="col">Evaluations</th><th scope="col">Shards</th><th scope="col">Busy</th><th scope="col">Read</th>
<th scope="col">Written</th></tr></thead>
<tbody>${totals.map(totalsRow)}</tbody></table></div>`;
}

function timelineFigure(view: RunView, timeline: Timeline, key: string): Markup {
  const span = formatQuantity('seconds', timeline.spanMs / 1000);
  const summary = `Tasks of ${timeline.workers.length} workers over ${span}; the table below has their totals.`;
  return html`<figure class="chart wide" data-timeline="${key}" data-summary="${summary}">
<figcaption><h4>Tasks by worker</h4>
<p class="note">One row a worker, one bar a task, coloured by shard. Grey: an evaluation. Outlined and notched: asked again
after a bad or missing answer. Underlined: slow beside the others of its round. Drag to zoom, double-click to see all.</p></figcaption>
<div class="plot"></div>
${workersTable(workerTotals(view))}
</figure>`;
}

function versionsTable(view: RunView): Markup {
  const rows = [
    ...toolVersions().map(
      ({ name, version }) => html`<tr><th scope="row">${name}</th><td>${version}</td></tr>`,
    ),
    ...view.state.fingerprints.map(
      (fingerprint) => html`<tr><th scope="row">worker backend</th><td>${fingerprint}</td></tr>`,
    ),
  ];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of versions"><table class="versions">
<thead><tr><th scope="col">Part</th><th scope="col">Version</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function subtitle({ config, state }: RunView): Markup {
  const method = config.consensus.mode === 'sync' ? 'SP-ADMMiRNN' : 'AP-ADMMiRNN';
  const created = new Date(state.createdAtMs).toISOString().replace('T', ' ').slice(0, 19);
  const mixed =
    config.consensus.mode === 'sync' && state.fingerprints.length > 1
      ? html`<p class="warning">Workers of ${state.fingerprints.length} kinds took part: this run is not reproducible byte for byte.</p>`
      : new Markup('');
  const reason = state.reason === '' ? new Markup('') : html`<p class="reason">${state.reason}</p>`;
  return html`<p class="about"><span class="status ${state.status}">${state.status}</span> ${method} on
${config.dataset.kind}, ${formatCount(config.shards)} shards, hidden width ${formatCount(config.model.hiddenUnits)}, begun
<time datetime="${new Date(state.createdAtMs).toISOString()}">${created} UTC</time></p>${reason}${mixed}`;
}

/** What the page shows of one run. */
export interface RunParts {
  readonly view: RunView;
  /** Its place among the runs of the page: charts are found by it. */
  readonly index: number;
  readonly charts: readonly Chart[];
  readonly timeline: Timeline | null;
}

/** A run's section: headline, curves, timeline, config and versions. */
export function runSection({ view, index, charts, timeline }: RunParts): Markup {
  const id = `run-${index}`;
  const figures = charts.map((chart) => chartFigure(chart, `${index}/${chart.id}`));
  const nothing = html`<p class="note">No round has ended yet.</p>`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${view.state.run}</h2>
${subtitle(view)}
<dl class="figures">${headlineFigures(view).map(figureCard)}</dl>
<h3>Curves</h3>
${figures.length === 0 ? nothing : html`<div class="charts">${figures}</div>`}
<h3>Timeline</h3>
${timeline === null ? html`<p class="note">No task was answered yet.</p>` : timelineFigure(view, timeline, `${index}`)}
<h3>Config</h3>
<details class="config"><summary>The run config, with every default</summary>
<pre tabindex="0">${JSON.stringify(view.config, null, 2)}</pre></details>
<h3>Versions</h3>
${versionsTable(view)}
</section>`;
}
