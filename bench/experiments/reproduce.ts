/** All experiments, from trials to the document. */
import { cpus } from 'node:os';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { writeDocument } from './document.ts';
import { Laboratory, type LaboratoryProgress } from './laboratory.ts';
import { programDigest } from './program.ts';
import { full, quick, type Scale } from './scale.ts';
import type { Section } from './section.ts';
import { type StudyName, studies } from './studies.ts';
import { sizeTask, type Task } from './tasks.ts';

export interface ReproduceOptions {
  /** Of the data files; without it `quick` alone can be done. */
  readonly dataDirectory: string | undefined;
  readonly quick: boolean;
  readonly only: readonly StudyName[];
  /** Where results of trials are kept. */
  readonly resultsDirectory: string;
  /** The Markdown document to write; its pictures go into the folder `results` beside it. */
  readonly document: string;
  readonly processes: number;
  /** Whether results of an earlier version of the program are used. */
  readonly useOutdated: boolean;
  readonly onProgress: (study: StudyName, progress: LaboratoryProgress) => void;
}

function introduction(scale: Scale, fingerprint: string, { done, outdated }: LaboratoryProgress): string {
  const parts = [
    '# Results',
    `Written by \`npm run reproduce\`${scale.name === 'quick' ? ' with `--quick`: a pass over generated data that shows that everything works, and no evidence' : ''}. Test data are looked at once for the model that validation data chose, by the same rule for every method, and once for the last model. Seconds are CPU seconds of training alone, on one thread, which hardly depend on what else the machine does.`,
    `Machine: ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores; backend ${fingerprint}.`,
  ];
  if (outdated > 0) {
    parts.push(
      `**${outdated} of ${done} results come from an earlier version of the program**; \`--fresh\` redoes them.`,
    );
  }
  return parts.join('\n\n');
}

/**
 * Runs studies and writes their document. What was done before is taken from the results kept.
 *
 * @throws DataError or UsageError where the data are wrong or not given; EnvironmentError where a directory cannot be
 *   written; what a trial throws.
 */
export async function reproduce(options: ReproduceOptions): Promise<readonly Section[]> {
  const { dataDirectory, processes, useOutdated } = options;
  const scale = options.quick ? quick : full;
  let current: StudyName = options.only[0] ?? 'tasks';
  const laboratory = await Laboratory.open({
    ...{ dataDirectory, processes, useOutdated, directory: options.resultsDirectory },
    program: await programDigest(),
    onProgress: (progress) => options.onProgress(current, progress),
  });
  const sizes = new Map<string, ReturnType<typeof sizeTask>>();
  const size = (task: Task) => {
    const sized = sizes.get(task.id) ?? sizeTask(task, dataDirectory);
    sizes.set(task.id, sized);
    return sized;
  };
  const sections: Section[] = [];
  try {
    for (const name of options.only) {
      current = name;
      sections.push(await studies[name]({ trials: laboratory, scale, size }));
    }
  } finally {
    await laboratory.close();
  }
  const { fingerprint } = await loadBackend({ threads: 1 });
  await writeDocument(options.document, introduction(scale, fingerprint, laboratory.progress), sections);
  return sections;
}
