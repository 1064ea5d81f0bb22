#!/usr/bin/env node
/**
 * Builds the addon of @tensorflow/tfjs-node against the libtensorflow of PyPI's TensorFlow wheel, for machines
 * that reach npm and PyPI but not the package's own download site. Needs Python 3 with pip, and g++ (or $CXX).
 *
 * The wheel's libtensorflow_cc.so.2 exports the C API that the addon is written for; the addon itself is two
 * C++ files of pure Node-API, so one build is good for every Node. The libraries are kept in the user's cache
 * directory by version and linked from node_modules, because `npm ci` removes whatever lies there.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot, reasonIn, runQuietly } from './setup/processes.mjs';

const VERSION = '2.18.1';
const PYTHON_VERSION = '3.11';
const STEP_TIMEOUT_MS = 600_000;

/** Wheels by processor, with the SHA-256 that PyPI publishes for them. */
const WHEELS = new Map([
  [
    'x64',
    {
      distribution: 'tensorflow-cpu',
      platform: 'manylinux2014_x86_64',
      sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
    },
  ],
  [
    'arm64',
    {
      distribution: 'tensorflow',
      platform: 'manylinux2014_aarch64',
      sha256: '8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944',
    },
  ],
]);

/** The same with kernels for NVIDIA GPUs, built for CUDA 12: PADMM_TENSORFLOW=cuda asks for it. */
const CUDA_WHEELS = new Map([
  [
    'x64',
    {
      distribution: 'tensorflow',
      platform: 'manylinux2014_x86_64',
      sha256: 'c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828',
    },
  ],
]);
const wantsCuda = process.env.PADMM_TENSORFLOW === 'cuda';

/** What the addon links to and includes, and the licences that go with it; the rest of the wheel is Python. */
const KEPT = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/',
  'tensorflow/include/xla/tsl/',
  'tensorflow/include/external/local_tsl/',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
];

/** Takes files out of a zip archive: the archive, the directory, and the prefixes of what is kept. */
const EXTRACT = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
archive.extractall(sys.argv[2], [n for n in archive.namelist() if n.startswith(tuple(sys.argv[3:]))])
`;

/** @param {string} command @param {readonly string[]} parameters */
function run(command, parameters) {
  const { ok, output } = runQuietly(command, parameters, { cwd: projectRoot, timeoutMs: STEP_TIMEOUT_MS });
  if (!ok) throw new Error(`${command} failed: ${reasonIn(output)}`);
}

/** @param {string} command @param {string} use */
function demand(command, use) {
  const { ok } = runQuietly(command, ['--version'], { cwd: projectRoot, timeoutMs: STEP_TIMEOUT_MS });
  if (!ok) throw new Error(`${command} not found, which ${use}`);
}

/** @param {{ distribution: string, platform: string, sha256: string }} wheel @param {string} directory */
function download(wheel, directory) {
  const requirements = join(directory, 'requirements.txt');
  writeFileSync(requirements, `${wheel.distribution}==${VERSION} --hash=sha256:${wheel.sha256}\n`);
  run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps'],
    ...['--timeout', '20', '--retries', '2', '--only-binary=:all:', '--implementation', 'cp'],
    ...['--python-version', PYTHON_VERSION, '--platform', wheel.platform],
    ...['--require-hashes', '--requirement', requirements, '--dest', directory],
  ]);
  const file = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error(`pip download left no wheel of ${wheel.distribution} ${VERSION}`);
  return join(directory, file);
}

/**
 * The directory of libtensorflow and its headers. It appears by one rename, so it is whole where it exists.
 *
 * @param {{ distribution: string, platform: string, sha256: string }} wheel
 */
function ensureLibrary(wheel) {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const cached = join(caches, 'padmm', `libtensorflow-${VERSION}-${arch()}${wantsCuda ? '-cuda' : ''}`);
  if (existsSync(cached)) return cached;
  mkdirSync(dirname(cached), { recursive: true });
  const temporary = mkdtempSync(join(dirname(cached), 'download-'));
  try {
    run('python3', ['-c', EXTRACT, download(wheel, temporary), temporary, ...KEPT]);
    renameSync(join(temporary, 'tensorflow'), cached);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return cached;
}

/** @param {string} target @param {string} link */
function relink(target, link) {
  rmSync(link, { recursive: true, force: true });
  symlinkSync(target, link);
}

/** @param {string} compiler @param {string} library */
function compile(compiler, library) {
  const require = createRequire(join(projectRoot, 'package.json'));
  const tfjsNode = dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  const output = join(tfjsNode, 'lib', 'napi-v8');
  mkdirSync(join(tfjsNode, 'deps'), { recursive: true });
  mkdirSync(output, { recursive: true });
  // The addon looks for the libraries in deps/lib beside it ($ORIGIN), as it does after its own install.
  relink(library, join(tfjsNode, 'deps', 'lib'));
  relink(join(library, 'include'), join(tfjsNode, 'deps', 'include'));
  run(compiler, [
    ...['-O2', '-fPIC', '-shared', '-std=c++17', '-DNAPI_VERSION=8'],
    ...['-I', require('node-api-headers').include_dir, '-I', join(library, 'include')],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjsNode, 'binding', file)),
    ...['-o', join(output, 'tfjs_binding.node'), '-L', library],
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
  ]);
}

try {
  const wheels = wantsCuda ? CUDA_WHEELS : WHEELS;
  const wheel = platform() === 'linux' ? wheels.get(arch()) : undefined;
  if (wheel === undefined)
    throw new Error(
      `no build for ${platform()} on ${arch()}, only for linux on ${[...wheels.keys()].join(' and ')}`,
    );
  const compiler = process.env.CXX || 'g++';
  demand(compiler, 'compiles the addon');
  demand('python3', 'fetches libtensorflow');
  compile(compiler, ensureLibrary(wheel));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
