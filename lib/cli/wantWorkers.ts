import { wantWorkers as want } from '../api/wantWorkers.ts';
import type { StackDeployment } from '../cloud/stack.ts';
import { note } from './output.ts';

/** Wants as many workers as a run has shards, beside those that are wanted already; the watchdog takes over. */
export async function wantWorkers(deployment: StackDeployment, shards: number): Promise<void> {
  const wanted = await want(deployment, shards);
  if (wanted === null) note('the deployment has no workers of its own: start them yourself');
  else note(`${wanted} workers wanted`);
}
