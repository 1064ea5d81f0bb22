/** Residuals and the batch loss by round, of the runs of the comparison by task. */
import type { Chart, Line, Section } from '../section.ts';
import type { Training } from '../trial.ts';
import { runMainPadmm, SHARDS } from './comparison.ts';
import type { StudyContext } from './study.ts';

const FIGURES = [
  { key: 'primal', label: 'primal residual' },
  { key: 'dual', label: 'dual residual' },
  { key: 'loss', label: 'batch loss at the broadcast point' },
] as const;

function linesOf({ rounds }: Training): Line[] {
  return FIGURES.map(({ key, label }) => ({
    label,
    points: rounds.map((round, i) => ({ x: i + 1, y: round[key] })),
  }));
}

/** Values at the first round, after a tenth and a half of the rounds, and at the last. */
function rowsOf({ rounds }: Training): string[][] {
  const at = (share: number) => rounds[Math.max(0, Math.round(share * rounds.length) - 1)];
  return FIGURES.map(({ key, label }) => [
    label,
    ...[0, 0.1, 0.5, 1].map((share) => at(share)?.[key].toPrecision(3) ?? '–'),
  ]);
}

export async function followConvergence(context: StudyContext): Promise<Section> {
  const tables: Section['tables'][number][] = [];
  const charts: Chart[] = [];
  for (const task of context.scale.tasks) {
    const sized = await context.size(task);
    const [training] = await runMainPadmm(context, sized, SHARDS);
    if (training === undefined) continue;
    const columns = ['', 'first round', 'after 10 %', 'after 50 %', 'last round'];
    tables.push({ caption: task.title, table: { columns, rows: rowsOf(training) } });
    charts.push({
      name: `convergence-${task.id}`,
      caption: `${task.title}: residuals and batch loss by round, seed 0, ${SHARDS} shards`,
      x: { label: 'round', scale: 'linear' },
      y: { label: 'residual, loss', scale: 'log' },
      lines: linesOf(training),
    });
  }
  return {
    title: 'Convergence',
    description:
      'Primal residual (Σ n_i/n ‖θ_i − z‖²)^½ and dual residual (Σ σ² ‖z − z_previous‖²)^½ of Boyd et al. 2011, section 3.3. Subproblems are solved on batches drawn anew in every round, so the residuals fall to the noise of the batches, not to zero.',
    tables,
    charts,
  };
}
