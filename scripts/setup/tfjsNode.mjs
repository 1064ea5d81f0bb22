import { existsSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { reasonIn, runQuietly, say } from './processes.mjs';

const LOAD_TIMEOUT_MS = 120_000;
const REACH_TIMEOUT_MS = 5_000;
const INSTALL_TIMEOUT_MS = 300_000;
const BUILD_TIMEOUT_MS = 900_000;
/** Where the package's own install script fetches libtensorflow and the addon from. */
const DOWNLOAD_SITE = 'https://storage.googleapis.com/tf-builds/';

/** Loads it as the workers do and checks a product: a library that loads but does not compute is of no use. */
const PROBE = `
import { loadBackend } from './lib/tensors/backend.ts';
const { tf, fingerprint } = await loadBackend({ threads: 1, prefer: 'tensorflow' });
const product = tf.tidy(() => tf.matMul([[1, 2], [3, 4]], [[1, 2], [3, 4]]).dataSync());
if (product.join() !== '7,10,15,22') throw new Error('wrong product: ' + product);
console.log(fingerprint);
`;

/** @param {string} root @param {string} node */
function probe(root, node) {
  return runQuietly(node, ['--input-type=module', '--eval', PROBE], {
    cwd: root,
    timeoutMs: LOAD_TIMEOUT_MS,
  });
}

/** Whether the download site answers at all; a proxy decides for itself. @returns {Promise<boolean>} */
function isSiteReachable() {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return Promise.resolve(true);
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(REACH_TIMEOUT_MS);
    const answer = request(DOWNLOAD_SITE, { method: 'HEAD', signal }, (response) => {
      response.resume();
      resolve(true);
    });
    answer.on('error', () => resolve(false)).end();
  });
}

/** @param {string} root @param {string} node @returns {Promise<string | null>} null, or why it failed */
async function installByItsOwnScript(root, node) {
  if (!(await isSiteReachable())) return `${new URL(DOWNLOAD_SITE).host} cannot be reached`;
  const cwd = join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  // The script calls node-pre-gyp by name, as npm lets install scripts do.
  const env = { PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}` };
  const { ok, output } = runQuietly(node, ['scripts/install.js'], {
    cwd,
    timeoutMs: INSTALL_TIMEOUT_MS,
    env,
  });
  return ok ? null : reasonIn(output);
}

/** @param {string} root @param {string} node @returns {string | null} null, or why it failed */
function buildFromWheel(root, node) {
  const script = join(root, 'scripts', 'build-tfjs-node.mjs');
  const { ok, output } = runQuietly(node, [script], { cwd: root, timeoutMs: BUILD_TIMEOUT_MS });
  return ok ? null : reasonIn(output);
}

/**
 * Sees to tfjs-node: nothing where it computes already, else its own install script, else a build on PyPI's
 * libtensorflow. Where neither works, one line says so and the slower backend, which needs no installation,
 * does the work.
 *
 * @param {string} root
 * @param {string} node the Node that will load it
 */
export async function ensureTfjsNode(root, node) {
  const packageDirectory = join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  const isInstalled = existsSync(join(packageDirectory, 'lib'));
  if (isInstalled && probe(root, node).ok) return;
  /** @type {string[]} */
  const reasons = [];
  const ways = [
    { name: 'its own install', attempt: () => installByItsOwnScript(root, node) },
    { name: "the build from PyPI's wheel", attempt: async () => buildFromWheel(root, node) },
  ];
  for (const { name, attempt } of ways) {
    say(`tfjs-node: trying ${name}`);
    const failure = await attempt();
    const probed = failure === null ? probe(root, node) : null;
    if (probed?.ok) {
      say(`tfjs-node works: ${probed.output.trim()}`);
      return;
    }
    reasons.push(`${name}: ${failure ?? reasonIn(probed?.output ?? '')}`);
  }
  say(
    `tfjs-node is missing (${reasons.join('; ')}): training runs on tfjs-backend-wasm, ` +
      'about 9 times slower in matrix products. "npm run setup" tries again',
  );
}
