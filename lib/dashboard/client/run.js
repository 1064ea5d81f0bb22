// One run: how it stands, its curves, who works on what, its shards and queues; and what can be asked of it.
import { html, nothing } from 'lit-html';
import { axisChoice, Charts } from './chartElements.js';
import { Controls } from './controls.js';
import { Connection, follow } from './live.js';
import { shardChart } from './shards.js';
import { TaskLogs } from './taskLog.js';
import { writeCount, writeDuration, writeTime, writeUsd } from './write.js';

/** @param {string} name @param {string} label @param {string} value */
const card = (name, label, value) =>
  html`<div class="figure"><dt>${label}</dt><dd data-figure=${name}>${value}</dd></div>`;

/** @implements {View} */
export class RunView {
  title;
  #run;
  /** @type {AxisName} */
  #axis = 'rounds';
  #charts = new Charts();
  /** @type {RunPicture | null} */
  #picture = null;
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {QueueDepths | null} */
  #queues = null;
  #changed;
  #connection;
  #controls;
  #logs;
  #unfollow = () => {};

  /** @param {string} run @param {() => void} changed */
  constructor(run, changed) {
    this.title = run;
    this.#run = run;
    this.#changed = changed;
    this.#connection = new Connection(changed);
    this.#controls = new Controls(run, changed);
    this.#logs = new TaskLogs(run, changed);
    this.#follow();
  }

  close() {
    this.#unfollow();
  }

  #follow() {
    this.#unfollow();
    this.#unfollow = follow(`/api/events/run/${this.#run}?axis=${this.#axis}`, {
      ...this.#connection.handlers(() => this.#charts.clear()),
      picture: (/** @type {RunPicture} */ picture) => {
        this.#picture = picture;
        this.#connection.say('');
      },
      charts: (/** @type {ChartUpdate} */ update) => {
        this.#charts.take(update);
        this.#changed();
      },
      timeline: (/** @type {Timeline | null} */ timeline) => {
        this.#timeline = timeline;
        this.#changed();
      },
      queues: (/** @type {QueueDepths | null} */ queues) => {
        this.#queues = queues;
        this.#changed();
      },
    });
  }

  /** @param {AxisName} axis */
  #choose(axis) {
    this.#axis = axis;
    this.#follow();
    this.#changed();
  }

  render() {
    const picture = this.#picture;
    return html`<h1>${this.#run}</h1><p class="trouble" role="status">${this.#connection.message}</p>
${picture === null ? html`<p class="note">Looking …</p>` : this.#body(picture)}`;
  }

  /** @param {RunPicture} picture */
  #body(picture) {
    const { row, unread } = picture;
    const reading =
      unread > 0
        ? html`<p class="note">Reading the history: ${writeCount(unread)} records left.</p>`
        : nothing;
    return html`<p class="about"><span class="status ${row.status}" data-figure="status">${row.status}</span>
${row.mode === 'sync' ? 'SP-ADMMiRNN' : 'AP-ADMMiRNN'} on ${row.dataset}, ${writeCount(row.shards)} shards, begun
${writeTime(row.createdAtMs)}${row.reason ? html` · <span>${row.reason}</span>` : nothing}</p>
${this.#controls.render(picture.actions, picture.live)}${reading}
${progress(picture)}
<section aria-label="Curves"><h2>Curves</h2>${axisChoice(this.#axis, (axis) => this.#choose(axis))}
${this.#charts.render()}</section>
<section aria-label="Tasks"><h2>Tasks</h2>
${this.#timeline === null ? html`<p class="note">No task was answered yet.</p>` : html`<padmm-timeline .content=${this.#timeline}></padmm-timeline>${this.#logs.table(this.#timeline)}`}
${faults(picture)}${waitingTable(picture, this.#logs)}${this.#logs.render()}${refusedTable(picture)}</section>
<section aria-label="Shards"><h2>Shards</h2>${shards(picture)}</section>
<section aria-label="Queues"><h2>Queues</h2>${queueCards(this.#queues)}</section>
<section aria-label="All figures"><h2>All figures</h2><dl class="figures">${picture.figures.map(
      ({ name, label, value, long }) =>
        html`<div class="figure ${long ? 'long' : ''}"><dt>${label}</dt><dd data-figure=${name}>${value}</dd></div>`,
    )}</dl><details class="config"><summary>The run config, with every default</summary>
<pre tabindex="0">${picture.config}</pre></details></section>`;
  }
}

/** @param {RunPicture} picture */
function progress({ row, forecast, limitUsd }) {
  const limit = limitUsd === null ? '' : ` of ${writeUsd(limitUsd)} allowed`;
  return html`<progress aria-label="Rounds" max=${forecast.rounds} value=${row.rounds}></progress>
<dl class="figures">${card('progress', 'Rounds', `${writeCount(row.rounds)} of ${writeCount(forecast.rounds)}`)}
${card('time', 'Time so far', writeDuration(forecast.seconds))}
${card('projected-time', 'Time in the end', writeDuration(forecast.projectedSeconds))}
${card('cost', 'Cost so far', writeUsd(forecast.usd) + limit)}
${card('projected-cost', 'Cost in the end', writeUsd(forecast.projectedUsd))}</dl>`;
}

/** @param {RunPicture} picture */
function faults({ counters }) {
  return html`<dl class="figures">${card('resent', 'Sent again', writeCount(counters.resent))}
${card('backups', 'Second workers', writeCount(counters.backups))}
${card('refused-results', 'Refused results', writeCount(counters.refused))}
${card('late-results', 'Late results', writeCount(counters.late))}
${card('duplicate-results', 'Duplicates', writeCount(counters.duplicates))}</dl>`;
}

/** @param {string} name @param {readonly string[]} heads @param {readonly TemplateResult[]} rows */
const table = (name, heads, rows) => html`<h3>${name}</h3>
<div class="scroll" tabindex="0" role="region" aria-label=${`Table of ${name.toLowerCase()}`}><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;

/** @param {RunPicture} picture @param {TaskLogs} logs */
function waitingTable({ waiting, waitingCount }, logs) {
  if (waitingCount === 0) return nothing;
  const rows = waiting.map(
    (
      task,
    ) => html`<tr><th scope="row">${task.kind}</th><td>${writeCount(task.shard)}</td><td>${task.version}</td>
<td>${task.attempt + 1}</td><td>${task.failures}</td><td>${task.backedUp ? 'yes' : 'no'}</td>
<td>${writeTime(task.dispatchedAtMs)}</td><td>${logs.button(task)}</td></tr>`,
  );
  const heads = ['Task', 'Shard', 'Version', 'Attempt', 'Failures', 'Second worker', 'Sent', 'Log'];
  return table(`Outstanding tasks (${waiting.length} of ${writeCount(waitingCount)})`, heads, rows);
}

/** @param {RunPicture} picture */
function refusedTable({ refused }) {
  if (refused.length === 0) return nothing;
  const rows = refused.map(
    ({ shard, version, sizeBytes, refusedAtMs }) => html`<tr><th scope="row">${shard}</th><td>${version}</td>
<td>${writeCount(sizeBytes)}</td><td>${writeTime(refusedAtMs)}</td></tr>`,
  );
  return table('Refused results', ['Shard', 'Version', 'Bytes', 'At'], rows);
}

/** @param {RunPicture} picture */
function shards({ shards: columns }) {
  const absent = columns.absent.map(({ shard, reason }) => html`<li>Shard ${shard}: ${reason}</li>`);
  return html`<div class="charts">
<padmm-chart data-chart="shard-staleness" .content=${shardChart('staleness', columns)}></padmm-chart>
<padmm-chart data-chart="shard-seconds" .content=${shardChart('seconds', columns)}></padmm-chart></div>
${absent.length === 0 ? nothing : html`<h3>Absent shards</h3><ul>${absent}</ul>`}`;
}

/** @param {QueueDepths | null} queues */
function queueCards(queues) {
  if (queues === null) return html`<p class="note">Nobody has the queues open.</p>`;
  const { tasks, results, deadTasks, deadResults, deadFolds } = queues;
  return html`<p class="note">Of all runs of this place together; approximate, as SQS counts.</p><dl class="figures">
${card('tasks-waiting', 'Tasks waiting', writeCount(tasks.waiting))}
${card('tasks-in-flight', 'Tasks in flight', writeCount(tasks.inFlight))}
${card('results-waiting', 'Results waiting', writeCount(results.waiting))}
${card('results-in-flight', 'Results in flight', writeCount(results.inFlight))}
${card('dead-tasks', 'Dead tasks', writeCount(deadTasks))}
${card('dead-results', 'Dead results', writeCount(deadResults))}
${card('dead-folds', 'Dead blocks', writeCount(deadFolds))}</dl>`;
}
