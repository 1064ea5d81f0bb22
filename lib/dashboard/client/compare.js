// Several runs side by side: what they came to, in what their configs differ, their curves over each other.
import { html } from 'lit-html';
import { axisChoice, Charts } from './chartElements.js';
import { Connection, follow } from './live.js';
import { writeCount, writePercent } from './write.js';

/** @typedef {{ rows: readonly RunRow[], differences: readonly Difference[] }} Comparison */

/** @implements {View} */
export class CompareView {
  title = 'Comparison';
  #runs;
  /** @type {AxisName} */
  #axis = 'rounds';
  #charts = new Charts();
  /** @type {Comparison | null} */
  #comparison = null;
  #changed;
  #connection;
  #unfollow = () => {};

  /** @param {readonly string[]} runs @param {() => void} changed */
  constructor(runs, changed) {
    this.#runs = runs;
    this.#changed = changed;
    this.#connection = new Connection(changed);
    this.#follow();
  }

  close() {
    this.#unfollow();
  }

  #follow() {
    this.#unfollow();
    this.#unfollow = follow(`/api/events/compare?runs=${this.#runs.join(',')}&axis=${this.#axis}`, {
      ...this.#connection.handlers(() => this.#charts.clear()),
      comparison: (/** @type {Comparison} */ comparison) => {
        this.#comparison = comparison;
        this.#connection.say('');
      },
      charts: (/** @type {ChartUpdate} */ update) => {
        this.#charts.take(update);
        this.#changed();
      },
    });
  }

  render() {
    const choose = (/** @type {AxisName} */ axis) => {
      this.#axis = axis;
      this.#follow();
      this.#changed();
    };
    return html`<h1>Comparison</h1><p class="trouble" role="status">${this.#connection.message}</p>
${this.#comparison === null ? html`<p class="note">Looking …</p>` : tables(this.#comparison)}
<section aria-label="Curves"><h2>Curves</h2>${axisChoice(this.#axis, choose)}${this.#charts.render()}</section>`;
  }
}

/** @type {readonly [string, (row: RunRow) => string][]} */
const FIGURES = [
  ['Status', ({ status }) => status],
  ['Rounds', ({ rounds, maxRounds }) => `${writeCount(rounds)} of ${writeCount(maxRounds)}`],
  ['Validation accuracy', ({ validationAccuracy }) => writePercent(validationAccuracy)],
  ['Validation loss', ({ validationLoss }) => validationLoss?.toPrecision(4) ?? '–'],
  ['Test accuracy', ({ testAccuracy }) => writePercent(testAccuracy)],
];

/** @param {Comparison} comparison */
function tables({ rows, differences }) {
  const head = html`<thead><tr><td></td>${rows.map(
    ({ run }) => html`<th scope="col"><a href=${`#/run/${run}`}>${run}</a></th>`,
  )}</tr></thead>`;
  const figures = FIGURES.map(
    ([name, value]) =>
      html`<tr><th scope="row">${name}</th>${rows.map((row) => html`<td>${value(row)}</td>`)}</tr>`,
  );
  const options = differences.map(
    ({ field, values }) =>
      html`<tr data-difference=${field}><th scope="row">${field}</th>${values.map(
        (value) => html`<td>${value ?? '–'}</td>`,
      )}</tr>`,
  );
  return html`<section aria-label="Figures"><h2>Figures</h2>
<div class="scroll all compared" tabindex="0" role="region" aria-label="Table of figures"><table>${head}<tbody>${figures}</tbody></table></div></section>
<section aria-label="Differences"><h2>Differences of the configs</h2>${
    differences.length === 0
      ? html`<p>The configs are the same.</p>`
      : html`<div class="scroll all compared" tabindex="0" role="region" aria-label="Table of differences"><table>${head}<tbody>${options}</tbody></table></div>`
  }</section>`;
}
