/** What a local run leaves on disk for people: the model and the report, beside the objects they are made from. */
import { join } from 'node:path';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { readModel } from '../models/readModel.ts';
import { exportSafetensors } from '../models/safetensorsFile.ts';
import { renderReport } from '../observe/report.ts';
import { readRun } from '../observe/runView.ts';
import { writeWhole } from './writeWhole.ts';

export interface RunOutputs {
  readonly model: string;
  readonly report: string;
}

/**
 * Writes `runs/{run}/model.safetensors` and `runs/{run}/report.html` below a directory.
 *
 * @throws EnvironmentError where a file cannot be written; IntegrityError where an object of the run is damaged.
 */
export async function writeOutputs(store: ObjectStore, run: string, directory: string): Promise<RunOutputs> {
  const model = join(directory, 'runs', run, 'model.safetensors');
  const report = join(directory, 'runs', run, 'report.html');
  await writeWhole(model, exportSafetensors(await readModel(store, run)));
  await writeWhole(report, renderReport([await readRun(store, run)]));
  return { model, report };
}
