#!/usr/bin/env node
/**
 * Writes the documentation of what the package exports to `docs/api`. TypeDoc works on the compiler's JavaScript interface,
 * which TypeScript 7 does not have yet: it is given one that has, installed under a name of its own for this alone.
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { projectRoot } from './setup/processes.mjs';

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'typescript' ? 'typescript-for-typedoc' : specifier, context),
});

const { Application, TSConfigReader } = await import('typedoc');
const application = await Application.bootstrap(
  {
    name: 'padmm',
    entryPoints: ['lib/index.ts', 'infra/index.ts'],
    tsconfig: join(projectRoot, 'scripts/docs.tsconfig.json'),
    basePath: projectRoot,
    readme: 'none',
    out: join(projectRoot, 'docs/api'),
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    // Links to a repository would need one to be there.
    disableSources: true,
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
  },
  [new TSConfigReader()],
);
const project = await application.convert();
if (project !== undefined) {
  application.validate(project);
  await application.generateOutputs(project);
}
if (project === undefined || application.logger.hasErrors() || application.logger.hasWarnings()) {
  process.stderr.write('docs: expected no errors or warnings of TypeDoc, received those above\n');
  process.exitCode = 1;
} else process.stdout.write(`${join(projectRoot, 'docs/api/index.html')}\n`);
