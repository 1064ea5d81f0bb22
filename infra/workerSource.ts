import { fileURLToPath } from 'node:url';
import { IgnoreMode } from 'aws-cdk-lib';

/** The project's root, which is the build context of the worker's image. */
export const WORKER_CONTEXT: string = fileURLToPath(new URL('..', import.meta.url));

/** The Dockerfile, from the root of the context. */
export const WORKER_DOCKERFILE = 'functions/worker/Dockerfile';

/** What goes into the context, as a .gitignore writes it: only what a worker runs, and what builds tfjs-node. */
export const WORKER_FILES = {
  ignoreMode: IgnoreMode.GIT,
  exclude: [
    '/*',
    ...['package.json', 'package-lock.json', '.npmrc', 'lib', 'scripts', 'functions'].map(
      (name) => `!/${name}`,
    ),
    '/functions/*',
    '!/functions/worker',
  ],
};
