/** The report of runs as Markdown: what a chart shows stands in tables. */
import type { RunView } from '../runView.ts';
import { headlineFigures } from './figures.ts';
import { markdownTable } from './markdownTable.ts';
import { formatQuantity } from './quantity.ts';
import { toolVersions } from './toolVersions.ts';

/** Rows of a table of rounds: the whole course of a run at a glance. */
const SHOWN_ROUNDS = 20;

/** The first, the last, and some at equal distances between them. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const step = (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => items[Math.round(i * step)] as T);
}

const number = (value: number | null | undefined): string => formatQuantity('number', value ?? null);
const percent = (value: number | null | undefined): string => formatQuantity('percent', value ?? null);

function curves({ rounds, evaluations }: RunView): string {
  if (rounds.length === 0) return 'No round has ended yet.';
  const validation = new Map(
    evaluations.filter(({ split }) => split === 'validation').map((e) => [e.version, e.metrics]),
  );
  const shown = validation.size > 1 ? rounds.filter(({ version }) => validation.has(version)) : rounds;
  const heads = [
    'Version',
    'Batch loss',
    'Validation loss',
    'Validation accuracy',
    'Primal',
    'Dual residual',
  ];
  return markdownTable(
    heads,
    spread(shown, SHOWN_ROUNDS).map(({ version, loss, residuals }) => [
      `${version}`,
      number(loss),
      number(validation.get(version)?.loss),
      percent(validation.get(version)?.accuracy),
      number(residuals.primal),
      number(residuals.dual),
    ]),
  );
}

function versionsOf({ state }: RunView): string {
  const tools = toolVersions().map(({ name, version }) => [name, version]);
  const backends = state.fingerprints.map((fingerprint) => ['worker backend', fingerprint]);
  return markdownTable(['Part', 'Version'], [...tools, ...backends]);
}

function runPart(view: RunView): string {
  const { config, state } = view;
  const method = config.consensus.mode === 'sync' ? 'SP-ADMMiRNN' : 'AP-ADMMiRNN';
  const begun = new Date(state.createdAtMs).toISOString();
  const about = `**${state.status}** · ${method} on ${config.dataset.kind}, ${config.shards} shards, hidden width ${config.model.hiddenUnits}, begun ${begun}`;
  return [
    `## ${state.run}`,
    state.reason === '' ? about : `${about}\n\n${state.reason}`,
    markdownTable(
      ['Figure', 'Value'],
      headlineFigures(view).map(({ label, value }) => [label, value]),
    ),
    `### Course\n\n${curves(view)}`,
    `### Config\n\n\`\`\`json\n${JSON.stringify(config, null, 2)}\n\`\`\``,
    `### Versions\n\n${versionsOf(view)}`,
  ].join('\n\n');
}

/** The headlines of several runs side by side. */
function comparison(views: readonly RunView[]): string[] {
  if (views.length < 2) return [];
  const figures = views.map((view) => headlineFigures(view));
  const rows = (figures[0] ?? []).map(({ name, label }) => [
    label,
    ...figures.map((all) => all.find((figure) => figure.name === name)?.value ?? '–'),
  ]);
  return [`## Comparison\n\n${markdownTable(['Figure', ...views.map(({ state }) => state.run)], rows)}`];
}

/**
 * Renders one or several runs as Markdown (GitHub's tables): headline figures, the course of the rounds, config and versions;
 * several are put side by side first. A run in progress is shown as far as it went.
 *
 * @throws IntegrityError where a state does not list the version it chose.
 */
export function renderMarkdown(views: readonly RunView[]): string {
  return `${['# Training report', ...comparison(views), ...views.map(runPart)].join('\n\n')}\n`;
}
