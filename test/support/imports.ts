import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'oxc-parser';
import { projectDirectory } from './commandLine.ts';

/** An import as it stands in a source file; imports of types and dynamic ones are among them. */
export interface Import {
  /** Path of the importing file from the project's directory. */
  readonly from: string;
  /** `computed`: a dynamic import whose module is known only when it runs. */
  readonly kind: 'file' | 'package' | 'computed';
  /** Path of the imported file from the project's directory; of others, what is written. */
  readonly to: string;
}

/** Paths of files from the project's directory, in order. */
export async function sourceFiles(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: projectDirectory })) files.push(file);
  return files.sort();
}

function importOf(from: string, name: string): Import {
  if (!name.startsWith('.')) return { from, kind: 'package', to: name };
  return { from, kind: 'file', to: join(dirname(from), name) };
}

function dynamicImportOf(from: string, expression: string): Import {
  const name = /^(['"])(.*)\1$/.exec(expression)?.[2];
  return name === undefined ? { from, kind: 'computed', to: expression } : importOf(from, name);
}

/** Every import of a TypeScript file, as a parser finds them. */
export async function importsOf(file: string): Promise<Import[]> {
  const source = await readFile(join(projectDirectory, file), 'utf8');
  const { module, errors } = await parse(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const reexported = module.staticExports.flatMap(({ entries }) =>
    entries.map((entry) => entry.moduleRequest),
  );
  const requests = [...module.staticImports.map((entry) => entry.moduleRequest), ...reexported];
  const names = new Set(requests.flatMap((request) => request?.value ?? []));
  return [
    ...[...names].map((name) => importOf(file, name)),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      dynamicImportOf(file, source.slice(start, end)),
    ),
  ];
}
