// The newest tasks as a table, and what the logs say of one of them.
import { html, nothing } from 'lit-html';
import { writeCount, writeDuration } from './write.js';

const SHOWN_TASKS = 12;
const EVALUATION = -1;

/** @typedef {{ version: number, shard: number | null }} LoggedTask */

/** @param {LoggedTask} task */
const nameOf = ({ version, shard }) =>
  shard === null ? `Evaluation of version ${version}` : `Shard ${shard}, version ${version}`;

/** The newest tasks first. @param {Timeline} timeline */
function newest({ workers, worker, shard, version, attempt, startMs, durationMs, slow }) {
  const order = startMs.map((_, i) => i).sort((a, b) => (startMs[b] ?? 0) - (startMs[a] ?? 0));
  return order.slice(0, SHOWN_TASKS).map((i) => ({
    task: { version: version[i] ?? 0, shard: shard[i] === EVALUATION ? null : (shard[i] ?? null) },
    worker: workers[worker[i] ?? 0] ?? '',
    attempt: attempt[i] ?? 0,
    seconds: (durationMs[i] ?? 0) / 1000,
    slow: slow[i] === 1,
  }));
}

/** Of one run. */
export class TaskLogs {
  #run;
  #changed;
  /** @type {LoggedTask | null} */
  #task = null;
  /** @type {TaskLog | null} */
  #log = null;
  #trouble = '';

  /** @param {string} run @param {() => void} changed */
  constructor(run, changed) {
    this.#run = run;
    this.#changed = changed;
  }

  /** @param {LoggedTask} task @returns {Promise<{ log: TaskLog } | { trouble: string }>} */
  async #read({ version, shard }) {
    const ofShard = shard === null ? '' : `&shard=${shard}`;
    try {
      const answer = await fetch(`/api/runs/${this.#run}/log?version=${version}${ofShard}`);
      const said = await answer.json();
      return answer.ok ? { log: said } : { trouble: said.error };
    } catch (error) {
      return { trouble: `The dashboard does not answer: ${error}` };
    }
  }

  /** @param {LoggedTask} task */
  async #open(task) {
    this.#task = task;
    this.#log = null;
    this.#trouble = '';
    this.#changed();
    const found = await this.#read(task);
    // Meanwhile the log may have been closed, or that of another task opened.
    if (this.#task !== task) return;
    if ('trouble' in found) this.#trouble = found.trouble;
    else this.#log = found.log;
    this.#changed();
    requestAnimationFrame(() => document.querySelector('#task-log')?.scrollIntoView({ block: 'nearest' }));
  }

  /** A button that opens the log of a task. @param {LoggedTask} task */
  button(task) {
    return html`<button type="button" class="small" aria-label=${`Log of ${nameOf(task)}`}
@click=${() => this.#open(task)}>Log</button>`;
  }

  /** @param {Timeline} timeline */
  table(timeline) {
    const rows = newest(timeline).map(
      ({
        task,
        worker,
        attempt,
        seconds,
        slow,
      }) => html`<tr><th scope="row">${nameOf(task)}</th><td>${worker}</td>
<td>${attempt + 1}</td><td>${writeDuration(seconds)}${slow ? ' (slow)' : ''}</td><td>${this.button(task)}</td></tr>`,
    );
    return html`<details class="config"><summary>The newest ${writeCount(rows.length)} tasks, with their logs</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Table of newest tasks"><table><thead><tr>
<th scope="col">Task</th><th scope="col">Worker</th><th scope="col">Attempt</th><th scope="col">Took</th><th scope="col">Log</th>
</tr></thead><tbody>${rows}</tbody></table></div></details>`;
  }

  render() {
    if (this.#task === null) return nothing;
    const close = () => {
      this.#task = null;
      this.#changed();
    };
    return html`<section id="task-log" aria-label="Log of a task"><h3>Log: ${nameOf(this.#task)}</h3>
<p><button type="button" @click=${close}>Close</button></p>
<div role="status">${this.#trouble || (this.#log === null ? 'Looking …' : said(this.#log))}</div></section>`;
  }
}

/** @param {TaskLog} log */
function said(log) {
  if ('elsewhere' in log) return html`<p>${log.elsewhere}</p>`;
  if (log.lines.length === 0)
    return html`<p>No log has a line about it: it was done long ago, or is not begun.</p>`;
  return html`<ol class="log">${log.lines.map(
    ({ source, at, level, message, details }) =>
      html`<li class=${level.toLowerCase()}><time>${at}</time> <b>${source}</b> ${level}: ${message} <code>${details}</code></li>`,
  )}</ol>`;
}
