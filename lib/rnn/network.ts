import type { ModelConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { Backend } from '../tensors/backend.ts';

/** What is computed, and on what: the shapes of the task, the model, and the backend that runs it. */
export interface Network {
  readonly backend: Backend;
  readonly shape: TaskShape;
  readonly model: Pick<ModelConfig, 'cell' | 'hiddenUnits'>;
}
