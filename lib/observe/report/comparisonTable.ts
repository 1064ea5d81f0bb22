/** Several runs as one table: in what their configs differ, and what they came to. */
import { configDifferences } from '../differences.ts';
import type { RunView } from '../runView.ts';
import { headlineFigures } from './figures.ts';
import { html, type Markup } from './html.ts';

/** Headline figures by which runs are compared, in their order. */
const COMPARED = ['validation-loss', 'validation-accuracy', 'test-accuracy', 'rounds', 'seconds', 'samples'];

const head = (name: string): Markup => html`<th scope="col">${name}</th>`;

/**
 * A row a run: the options that are not the same in all configs, then figures.
 *
 * @throws IntegrityError as `headlineFigures`.
 */
export function comparisonTable(views: readonly RunView[]): Markup {
  const differences = configDifferences(views.map(({ config }) => config));
  const figures = views.map((view) => headlineFigures(view).filter(({ name }) => COMPARED.includes(name)));
  const ordered = figures.map((own) =>
    own.toSorted((a, b) => COMPARED.indexOf(a.name) - COMPARED.indexOf(b.name)),
  );
  const heads = [...differences.map(({ field }) => field), ...(ordered[0] ?? []).map(({ label }) => label)];
  const rows = views.map(
    ({ state }, i) => html`<tr><th scope="row">${state.run}</th>
${differences.map(({ field, values }) => html`<td data-difference="${field}">${values[i] ?? '–'}</td>`)}
${(ordered[i] ?? []).map(({ name, value }) => html`<td data-compared="${name}">${value}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of the comparison"><table>
<thead><tr>${['Run', ...heads].map(head)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
