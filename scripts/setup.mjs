#!/usr/bin/env node
/**
 * Makes a clone ready: packages, Node 24, the `padmm` command, and tfjs-node. Runs on Node 20 with nothing
 * installed, does only what is missing, and is called by every npm script that needs it.
 */
import { ensurePadmmLink } from './setup/commandLink.mjs';
import { ensureNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { projectRoot, say } from './setup/processes.mjs';
import { ensureTfjsNode } from './setup/tfjsNode.mjs';

const OLDEST_NODE_MAJOR = 20;

async function setUp() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE_MAJOR) {
    throw new Error(`Node ${OLDEST_NODE_MAJOR} or newer must start the set-up, this is ${process.version}`);
  }
  ensurePackages(projectRoot);
  const node = ensureNode(projectRoot);
  ensurePadmmLink(projectRoot);
  await ensureTfjsNode(projectRoot, node);
}

try {
  await setUp();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 3;
}
