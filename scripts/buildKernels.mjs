#!/usr/bin/env node
/**
 * `npm run kernels`: compiles the loops over vectors (lib/consensus/assembly) to WebAssembly and writes them as a module, which
 * is committed so that bundles and packages need no file beside them. A test compiles them again and compares.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { projectRoot } from './setup/processes.mjs';

const SOURCE = 'lib/consensus/assembly/vectors.ts';
export const KERNELS_MODULE = 'lib/consensus/vectorsWasm.ts';

/** The module's text. @throws Error with what the compiler says. */
export async function compileKernels() {
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    [
      ...[SOURCE, '--baseDir', projectRoot, '--outFile', 'vectors.wasm', '-O3', '--enable', 'simd'],
      ...['--runtime', 'stub', '--use', 'abort=', '--importMemory'],
    ],
    {
      writeFile(_name, contents) {
        binary = /** @type {Uint8Array} */ (contents);
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`kernels: ${stderr.toString()}`);
  const text = Buffer.from(binary).toString('base64');
  const lines = text.match(/.{1,100}/g) ?? [];
  return [
    '/** Written by `npm run kernels` from assembly/vectors.ts: WebAssembly in base64. */',
    'export const VECTORS_WASM =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(projectRoot, KERNELS_MODULE), await compileKernels());
}
