// All runs, the newest first; some of them can be chosen to be compared.
import { html, nothing } from 'lit-html';
import { Connection, follow } from './live.js';
import { writeCount, writePercent, writeTime } from './write.js';

const UNFINISHED = ['running', 'paused', 'finishing'];

/** @param {ListedRun} listed */
const ageOf = (listed) => ('row' in listed ? listed.row.createdAtMs : 0);

/** @implements {View} */
export class ListView {
  title = 'Runs';
  /** @type {readonly ListedRun[] | null} */
  #runs = null;
  #live = true;
  /** @type {Set<string>} */
  #chosen = new Set();
  #connection;
  /** @type {() => void} */
  #changed;
  close;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
    this.#connection = new Connection(changed);
    this.close = follow('/api/events/runs', {
      ...this.#connection.handlers(),
      runs: (/** @type {{ live: boolean, runs: ListedRun[] }} */ { live, runs }) => {
        this.#live = live;
        this.#runs = runs.toSorted((a, b) => ageOf(b) - ageOf(a));
        this.#connection.say('');
      },
    });
  }

  /** @param {string} run @param {boolean} chosen */
  #choose(run, chosen) {
    if (chosen) this.#chosen.add(run);
    else this.#chosen.delete(run);
    this.#changed();
  }

  render() {
    return html`<h1>Runs</h1><p class="trouble" role="status">${this.#connection.message}</p>
${this.#runs === null ? html`<p class="note">Looking …</p>` : this.#table(this.#runs)}`;
  }

  /** @param {readonly ListedRun[]} runs */
  #table(runs) {
    if (runs.length === 0) return html`<p>No runs yet; they show here as soon as one is started.</p>`;
    const chosen = runs.map(({ run }) => run).filter((run) => this.#chosen.has(run));
    const compare =
      chosen.length < 2
        ? html`<span class="note">Choose two runs or more to compare them.</span>`
        : html`<a class="button" href=${`#/compare/${chosen.join(',')}`}>Compare ${chosen.length} runs</a>`;
    return html`<p>${compare}</p>
<div class="scroll all" tabindex="0" role="region" aria-label="Table of runs"><table>
<thead><tr><th scope="col">Run</th><th scope="col">Status</th><th scope="col">Rounds</th><th scope="col">Validation</th>
<th scope="col">Test</th><th scope="col">Mode</th><th scope="col">Shards</th><th scope="col">Begun</th>
<th scope="col">Compare</th></tr></thead>
<tbody>${runs.map((listed) => this.#row(listed))}</tbody></table></div>`;
  }

  /** @param {RunRow} row */
  #remark({ status, reason }) {
    const isAlone = !this.#live && UNFINISHED.includes(status);
    const remark = isAlone ? 'nobody trains it now' : reason;
    return remark ? html` <span class="note">${remark}</span>` : nothing;
  }

  /** @param {ListedRun} listed */
  #row(listed) {
    const { run } = listed;
    if ('fault' in listed)
      return html`<tr><th scope="row">${run}</th><td colspan="8">${listed.fault}</td></tr>`;
    const { row } = listed;
    return html`<tr data-run=${run}><th scope="row"><a href=${`#/run/${run}`}>${run}</a></th>
<td><span class="status ${row.status}">${row.status}</span>${this.#remark(row)}</td>
<td>${writeCount(row.rounds)} of ${writeCount(row.maxRounds)}</td><td>${writePercent(row.validationAccuracy)}</td>
<td>${writePercent(row.testAccuracy)}</td><td>${row.mode}</td><td>${writeCount(row.shards)}</td>
<td>${writeTime(row.createdAtMs)}</td>
<td><input type="checkbox" aria-label="Compare ${run}" .checked=${this.#chosen.has(run)}
@change=${(/** @type {any} */ event) => this.#choose(run, event.target.checked)}></td></tr>`;
  }
}
