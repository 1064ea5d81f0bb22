import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import * as z from 'zod';
import { type Check, fail, ok } from './check.ts';

const PROJECT = new URL('../../../', import.meta.url);
const SET_UP = 'run "npm run setup"';

const manifestSchema = z.object({
  engines: z.object({ node: z.string().regex(/^>=\d+\.\d+$/) }),
  dependencies: z.record(z.string(), z.string()),
});

async function readManifest(): Promise<z.output<typeof manifestSchema>> {
  return manifestSchema.parse(JSON.parse(await readFile(new URL('package.json', PROJECT), 'utf8')));
}

/** Whether this Node meets "engines" of package.json. */
export async function checkNode(): Promise<Check> {
  const range = (await readManifest()).engines.node;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = range.slice(2).split('.').map(Number);
  const isGood = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (isGood) return ok('Node', process.version);
  return fail('Node', `${process.version}, needed is ${range}`, SET_UP);
}

/** Found as Node finds it, beside this package's files or in the project that it is installed in. */
async function installedVersion(name: string): Promise<string | null> {
  try {
    const path = findPackageJSON(name, import.meta.url);
    if (path === undefined) return null;
    return z.object({ version: z.string() }).parse(JSON.parse(await readFile(path, 'utf8'))).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** Whether every dependency of package.json lies in node_modules in the version asked for. */
export async function checkPackages(): Promise<Check> {
  const wanted = Object.entries((await readManifest()).dependencies);
  const differences: string[] = [];
  for (const [name, version] of wanted) {
    const installed = await installedVersion(name);
    if (installed !== version) differences.push(`${name} ${installed ?? 'missing'}, needed is ${version}`);
  }
  if (differences.length > 0) return fail('npm packages', differences.join('; '), SET_UP);
  return ok('npm packages', `${wanted.length} dependencies as in package.json`);
}
