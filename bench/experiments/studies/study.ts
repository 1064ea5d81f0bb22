import type { Trials } from '../laboratory.ts';
import type { Scale } from '../scale.ts';
import type { Section } from '../section.ts';
import type { SizedTask, Task } from '../tasks.ts';

/** What a study may use. */
export interface StudyContext {
  readonly trials: Trials;
  readonly scale: Scale;
  /** A task with the size of its training split. */
  size(task: Task): Promise<SizedTask>;
}

/** Asks for its trials, waits for them and says what came of it. */
export type Study = (context: StudyContext) => Promise<Section>;
