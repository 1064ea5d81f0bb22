/** Trainings of peers against the clock, and the choice of their best settings. */
import * as z from 'zod';
import type { PeerName } from './peers.ts';
import type { ThroughputProcess } from './throughput.ts';

/** How a peer trains. */
export interface Setting {
  readonly method: 'adam' | 'rmsprop' | 'adagrad';
  /** Learning rate. */
  readonly rate: number;
}

const settings = (method: Setting['method'], rates: readonly number[]): Setting[] =>
  rates.map((rate) => ({ method, rate }));

/** What is tried: around what a broader search had found best. */
export const SETTINGS: readonly Setting[] = [
  ...settings('adam', [5e-4, 1e-3, 2e-3]),
  ...settings('rmsprop', [5e-4, 1e-3, 2e-3]),
  ...settings('adagrad', [0.02, 0.05, 0.1]),
];

const BATCH_SIZE = 128;
/** Steps between two looks at the accuracy, whose time is left out. */
const EVERY_STEPS = 50;
/** Six epochs: whatever needs more is not the fastest. */
const MAX_SAMPLES = 6 * 54_000;

const raceSchema = z.object({
  /** Seconds of training until each target was reached; null where it was not. */
  seconds: z.array(z.number().nullable()),
  /** Seconds of training in all. */
  trained: z.number().gt(0),
});

/** A peer with a setting, or some of them. */
export interface Contender {
  readonly name: PeerName;
  readonly process: ThroughputProcess;
  readonly setting: Setting;
}

/** Seconds to each target; where one was not reached, those after which it was given up, and it is not known to be less. */
export async function racePeer(
  { process, setting }: Contender,
  seed: number,
  targets: readonly number[],
): Promise<{ readonly seconds: readonly number[]; readonly reached: readonly boolean[] }> {
  const order = { work: 'race', ...setting, seed, targets, batchSize: BATCH_SIZE };
  const limits = { everySteps: EVERY_STEPS, maxSamples: MAX_SAMPLES };
  const { seconds, trained } = await process.ask({ ...order, ...limits }, raceSchema);
  return {
    seconds: seconds.map((each) => each ?? trained),
    reached: seconds.map((each) => each !== null),
  };
}

/** The setting of a peer that was first at each target, tried with one seed. */
export async function tunePeer(
  name: PeerName,
  process: ThroughputProcess,
  targets: readonly number[],
  say: (progress: string) => void,
): Promise<Contender[]> {
  const tried: { readonly setting: Setting; readonly seconds: readonly number[] }[] = [];
  for (const setting of SETTINGS) {
    say(`tuning ${name}: ${setting.method} ${setting.rate}`);
    const { seconds, reached } = await racePeer({ name, process, setting }, 0, targets);
    tried.push({
      setting,
      seconds: seconds.map((each, i) => (reached[i] ? each : Number.POSITIVE_INFINITY)),
    });
  }
  return targets.map((_, i) => {
    const best = tried.reduce((a, b) => ((b.seconds[i] ?? 0) < (a.seconds[i] ?? 0) ? b : a));
    return { name, process, setting: best.setting };
  });
}
