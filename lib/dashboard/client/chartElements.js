// Elements that draw a chart or a timeline, and redraw it when they are given another.
import { html, render } from 'lit-html';

/** @param {string} title @param {string} note @param {TemplateResult | string} after */
const frame = (
  title,
  note,
  after,
) => html`<figcaption><h3>${title}</h3><p class="note">${note}</p></figcaption>
<div class="plot"></div>${after}`;

/** @template Content */
class DrawingElement extends HTMLElement {
  /** @type {Drawing<Content> | null} */
  #drawing = null;
  /** @type {Content | null} */
  #content = null;
  #figure = document.createElement('figure');

  connectedCallback() {
    if (this.#figure.parentElement === null) this.append(this.#figure);
    this.#show();
  }

  disconnectedCallback() {
    this.#drawing?.remove();
    this.#drawing = null;
  }

  /** @param {Content | null} content */
  set content(content) {
    if (content === this.#content) return;
    this.#content = content;
    this.#show();
  }

  #show() {
    const content = this.#content;
    if (content === null || !this.isConnected) return;
    this.#figure.className = 'chart';
    this.#figure.dataset.summary = this.summarise(content);
    if (this.#drawing !== null) {
      this.#drawing.update(content);
      return;
    }
    render(this.frame(content), this.#figure);
    this.#drawing = this.draw(this.#figure, content);
  }

  /** @param {Content} _content @returns {string} */
  summarise(_content) {
    throw new Error('not drawn');
  }

  /** @param {Content} _content @returns {TemplateResult} */
  frame(_content) {
    throw new Error('not drawn');
  }

  /** @param {HTMLElement} _figure @param {Content} _content @returns {Drawing<Content>} */
  draw(_figure, _content) {
    throw new Error('not drawn');
  }
}

/** @extends {DrawingElement<ChartPatch>} */
class ChartElement extends DrawingElement {
  /** @param {ChartPatch} chart @override */
  summarise({ summary }) {
    return summary;
  }

  /** @param {ChartPatch} chart @override */
  frame({ title, note }) {
    const values = html`<details class="values"><summary>Values of ${title.toLowerCase()}</summary></details>`;
    return frame(title, note, values);
  }

  /** @param {HTMLElement} figure @param {ChartPatch} chart @override */
  draw(figure, chart) {
    return padmmCharts.lineChart(figure, chart);
  }
}

const TIMELINE_NOTE = `One row a worker, one bar a task, coloured by shard. Grey: an evaluation. Outlined and notched: a retry.
Underlined: a straggler. Dashed line: a result was refused. Drag to zoom, double-click to see all.`;

/** @extends {DrawingElement<Timeline>} */
class TimelineElement extends DrawingElement {
  /** @param {Timeline} timeline @override */
  summarise({ workers, startMs, attempt, slow, refusedMs }) {
    const retried = attempt.filter((tries) => tries > 0).length;
    const late = slow.filter((flag) => flag === 1).length;
    return `${startMs.length} tasks of ${workers.length} workers: ${retried} retried, ${late} stragglers, ${refusedMs.length} refused results.`;
  }

  /** @param {Timeline} _timeline @override */
  frame(_timeline) {
    return frame('Tasks by worker, newest rounds', TIMELINE_NOTE, '');
  }

  /** @param {HTMLElement} figure @param {Timeline} timeline @override */
  draw(figure, timeline) {
    return padmmTimelines.timeline(figure, timeline);
  }
}

customElements.define('padmm-chart', ChartElement);
customElements.define('padmm-timeline', TimelineElement);

/** Charts as the page has them, by id. */
export class Charts {
  /** @type {readonly string[]} */
  #order = [];
  /** @type {Map<string, ChartPatch>} */
  #charts = new Map();

  /** Forgets all: a stream that begins anew sends all anew. */
  clear() {
    this.#order = [];
    this.#charts.clear();
  }

  /** @param {ChartUpdate} update */
  take({ order, patches }) {
    this.#order = order;
    for (const patch of patches) this.#charts.set(patch.id, joined(this.#charts.get(patch.id), patch));
  }

  render() {
    const shown = this.#order.flatMap((id) => this.#charts.get(id) ?? []);
    return html`<div class="charts">${shown.map(
      (chart) => html`<padmm-chart data-chart=${chart.id} .content=${chart}></padmm-chart>`,
    )}</div>`;
  }
}

/**
 * A chart with what is new of it.
 * @param {ChartPatch | undefined} chart
 * @param {ChartPatch} patch
 * @returns {ChartPatch}
 */
function joined(chart, patch) {
  if (chart === undefined || patch.from === 0) return patch;
  const { from } = patch;
  return {
    ...patch,
    x: [...chart.x.slice(0, from), ...patch.x],
    series: patch.series.map((series, i) => {
      const before = chart.series[i]?.values.slice(0, from) ?? [];
      return { ...series, values: [...before, ...series.values] };
    }),
  };
}

const AXES = /** @type {const} */ ({ rounds: 'rounds', samples: 'samples', seconds: 'seconds', usd: 'USD' });

/**
 * Offers what curves are drawn against.
 * @param {AxisName} axis
 * @param {(axis: AxisName) => void} choose
 */
export function axisChoice(axis, choose) {
  const names = /** @type {AxisName[]} */ (Object.keys(AXES));
  return html`<fieldset class="choice"><legend>Curves against</legend>${names.map(
    (name) => html`<label><input type="radio" name="axis" value=${name} .checked=${name === axis}
@change=${() => choose(name)}>${AXES[name]}</label>`,
  )}</fieldset>`;
}
