import { join } from 'node:path';
import { build } from 'esbuild';
import { projectFile } from './emptyRuns.ts';

/** Bundles the coordinator's function as infra/nodeFunction.ts does, and says where it lies. */
export async function bundleCoordinator(directory: string): Promise<string> {
  const outfile = join(directory, 'coordinator.mjs');
  await build({
    entryPoints: [projectFile('functions/coordinator/index.ts')],
    ...{ bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node24', outfile },
    mainFields: ['module', 'main'],
  });
  return outfile;
}
