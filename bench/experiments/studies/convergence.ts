/** Residuals, the augmented Lagrangian and the batch loss by round, of the runs of the comparison by task. */
import type { Chart, Line, Section } from '../section.ts';
import type { Task } from '../tasks.ts';
import type { Training } from '../trial.ts';
import { runMainPadmm, SHARDS } from './comparison.ts';
import type { StudyContext } from './study.ts';

/** Figures that fall towards zero, or should. */
const RESIDUALS = [
  { key: 'primal', label: 'primal residual' },
  { key: 'dual', label: 'dual residual' },
  { key: 'affineResidual', label: 'residual of s' },
  { key: 'activationResidual', label: 'residual of h' },
  { key: 'outputResidual', label: 'residual of o' },
] as const;
const OBJECTIVES = [
  { key: 'loss', label: 'batch loss at z̃' },
  { key: 'augmentedLagrangian', label: 'augmented Lagrangian' },
] as const;
type Figure = (typeof RESIDUALS | typeof OBJECTIVES)[number];

function linesOf({ rounds }: Training, figures: readonly Figure[]): Line[] {
  return figures.map(({ key, label }) => ({
    label,
    points: rounds.flatMap((round, i) => (round[key] === null ? [] : { x: i + 1, y: round[key] })),
  }));
}

/** Values at the first round, after a tenth and a half of the rounds, and at the last. */
function rowsOf({ rounds }: Training): string[][] {
  const at = (share: number) => rounds[Math.max(0, Math.round(share * rounds.length) - 1)];
  return [...RESIDUALS, ...OBJECTIVES].map(({ key, label }) => [
    label,
    ...[0, 0.1, 0.5, 1].map((share) => at(share)?.[key]?.toPrecision(3) ?? '–'),
  ]);
}

function chartsOf(task: Task, training: Training): Chart[] {
  const x = { label: 'round', scale: 'linear' } as const;
  const of = `seed 0, ${SHARDS} shards`;
  return [
    {
      name: `convergence-${task.id}-residuals`,
      caption: `${task.title}: residuals by round, ${of}`,
      ...{ x, y: { label: 'residual', scale: 'log' }, lines: linesOf(training, RESIDUALS) },
    },
    {
      name: `convergence-${task.id}-objective`,
      caption: `${task.title}: batch loss and augmented Lagrangian by round, ${of}`,
      ...{ x, y: { label: 'nats', scale: 'linear' }, lines: linesOf(training, OBJECTIVES) },
    },
  ];
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
    charts.push(...chartsOf(task, training));
  }
  return {
    title: 'Convergence',
    description:
      'Primal residual (Σ n_i/n ‖θ_i − z‖²)^½ and dual residual (Σ σ² ‖z − z_previous‖²)^½ of Boyd et al. 2011, section 3.3. Subproblems are solved on batches drawn anew in every round, so the residuals fall to the noise of the batches, not to zero. The residuals of s, h and o are those of the constraints of a subproblem as its last sweep leaves them, root mean squares an output; they and the augmented Lagrangian are means over the shards.',
    tables,
    charts,
  };
}
