/** What a local run leaves on disk for people: the model and the report, beside the objects they are made from. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { readModel } from '../models/readModel.ts';
import { exportSafetensors } from '../models/safetensorsFile.ts';
import { renderReport } from '../observe/report.ts';
import { readRun } from '../observe/runView.ts';

export interface RunOutputs {
  readonly model: string;
  readonly report: string;
}

/** Writes a file whole or not at all. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.new`;
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}

/** Writes `runs/{run}/model.safetensors` and `runs/{run}/report.html` below a directory. */
export async function writeOutputs(store: ObjectStore, run: string, directory: string): Promise<RunOutputs> {
  const model = join(directory, 'runs', run, 'model.safetensors');
  const report = join(directory, 'runs', run, 'report.html');
  await writeWhole(model, exportSafetensors(await readModel(store, run)));
  await writeWhole(report, renderReport([await readRun(store, run)]));
  return { model, report };
}
