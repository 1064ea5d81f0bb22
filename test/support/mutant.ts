import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { temporaryDirectory } from './temporaryDirectory.ts';

/** A change to one file of the project that a test must notice. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Loads a module of the project, bundled with all it imports, in which one place was changed. */
export async function loadMutant<T>(entry: string, { file, from, to }: Mutation): Promise<T> {
  const source = await readFile(file, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${file}: expected once: ${from}`);
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    plugins: [
      {
        name: 'mutation',
        setup: ({ onLoad }) =>
          onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, () => ({
            contents: source.replace(from, to),
            loader: 'ts',
          })),
      },
    ],
  });
  const path = join(await temporaryDirectory(), 'mutant.mjs');
  await writeFile(path, outputFiles[0]?.text ?? '');
  return import(pathToFileURL(path).href) as Promise<T>;
}
