import { describe, expect, test } from 'vitest';
import type { LocalDeployment } from '../../lib/emulator/localDeployment.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { type Finished, runSmall, smallConfig } from './localRun.ts';

/** Kills a process once, as soon as the run has reached a version. */
function killOnce(version: number, pids: (local: LocalDeployment) => readonly number[]) {
  const killed: number[] = [];
  const onState = (state: RunState, local: LocalDeployment) => {
    const [pid] = pids(local);
    if (killed.length > 0 || state.version < version || pid === undefined) return;
    killed.push(pid);
    process.kill(pid, 'SIGKILL');
  };
  return { killed, onState };
}

describe('a synchronous run gives the same parameters to the last bit', () => {
  let undisturbed: Promise<Finished> | undefined;
  const reference = async () => {
    undisturbed ??= temporaryDirectory().then((directory) => runSmall({ directory, workers: 2 }));
    return undisturbed;
  };

  test('and finishes with a model chosen on validation data and tested once', async () => {
    const { view, digest } = await reference();
    expect(view.state).toMatchObject({ status: 'done', version: 12 });
    const measured = (split: string) =>
      view.evaluations.filter((e) => e.split === split).map((e) => e.version);
    expect(measured('validation')).toEqual([0, 4, 8, 12]);
    expect(measured('test')).toEqual([view.state.model?.version]);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(view.rounds.map((round) => round.version)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  test.each([1, 4])('with %i workers', async (workers) => {
    const { digest } = await runSmall({ directory: await temporaryDirectory(), workers });
    expect(digest).toBe((await reference()).digest);
  });

  test('when its versions are formed in four blocks by functions of their own', async () => {
    const directory = await temporaryDirectory();
    const config = smallConfig({ consensus: { blocks: 4 } });
    const { digest, consensus, view } = await runSmall({ directory, workers: 2, config });
    const whole = await reference();
    expect(digest).toBe(whole.digest);
    expect(consensus).toEqual(whole.consensus);
    expect(view.rounds.map(({ residuals }) => residuals)).toEqual(
      whole.view.rounds.map(({ residuals }) => residuals),
    );
  });

  test('when a worker is killed in the middle', async () => {
    const { killed, onState } = killOnce(4, (local) => local.workerPids);
    const { digest } = await runSmall({ directory: await temporaryDirectory(), workers: 2, onState });
    expect(killed).toHaveLength(1);
    expect(digest).toBe((await reference()).digest);
  });

  test("when the coordinator's process is killed in the middle", async () => {
    const { killed, onState } = killOnce(4, (local) => local.coordinatorPids);
    const { digest } = await runSmall({ directory: await temporaryDirectory(), workers: 2, onState });
    expect(killed).toHaveLength(1);
    expect(digest).toBe((await reference()).digest);
  });
});
