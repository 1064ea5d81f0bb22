/** The dashboard of a deployment: the stack's outputs were recorded, S3, SQS, coordinator and workers are there. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunPicture } from '../../lib/dashboard/runPicture.ts';
import { openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { padmm, startPadmm } from '../support/commandLine.ts';
import { recordStack } from '../support/recordedStack.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { functionEntry, smallConfig } from '../system/localRun.ts';

const PATIENCE_MS = 240_000;

/** Events of a stream, each with its data. */
async function* eventsOf(url: string): AsyncGenerator<{ readonly event: string; readonly data: unknown }> {
  const aborter = new AbortController();
  const { body } = await fetch(url, { signal: aborter.signal });
  if (body === null) throw new Error(`${url}: expected a stream, received nothing`);
  let text = '';
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
        yield { event, data: JSON.parse(data) };
      }
    }
  } finally {
    aborter.abort();
  }
}

/** Reads until an event of this kind fits. */
async function until<T>(url: string, kind: string, fits: (data: T) => boolean): Promise<T> {
  for await (const { event, data } of eventsOf(url)) {
    expect(event).not.toBe('trouble');
    if (event === kind && fits(data as T)) return data as T;
  }
  throw new Error(`${url}: ended before what was waited for came`);
}

test(
  'a run of a deployment is seen with its queues, and stopped',
  async () => {
    const directory = await temporaryDirectory();
    const local = await openLocalDeployment({
      ...{ directory: join(directory, 'cloud'), workers: 1, threads: 1 },
      coordinatorEntry: functionEntry('coordinator'),
      watchdogEntry: functionEntry('watchdog'),
      workerEntry: functionEntry('worker'),
    });
    onTestFinished(() => local.close());
    const stack = await recordStack(local.deployment);
    onTestFinished(() => stack.close());
    const place = ['--stack', 'padmm', '--endpoint', stack.endpoint];
    const settings = {
      cwd: directory,
      env: {
        ...{ AWS_REGION: 'us-east-1', AWS_CONFIG_FILE: '/dev/null' },
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    };
    await writeFile(
      join(directory, 'run.json'),
      JSON.stringify(smallConfig({ shards: 2, stop: { maxRounds: 100_000 } })),
    );
    const dashboard = startPadmm(['dashboard', ...place], settings);
    onTestFinished(() => void dashboard.child.kill('SIGKILL'));
    const [printed] = await once(dashboard.child.stdout as NodeJS.EventEmitter, 'data');
    const { origin, hash } = new URL(String(printed).trim());
    await until(`${origin}/api/events/runs`, 'runs', ({ runs }: { runs: unknown[] }) => runs.length === 0);

    const submitted = await padmm(['submit', 'run.json', '--json', ...place], settings);
    expect(submitted.exitCode, submitted.stderr).toBe(0);
    const { run } = JSON.parse(submitted.stdout);
    const events = `${origin}/api/events/run/${run}`;
    const running = await until<RunPicture>(events, 'picture', ({ row }) => row.rounds > 2);
    expect(running).toMatchObject({ live: true, actions: ['pause', 'stop'], row: { status: 'running' } });
    expect(running.forecast.projectedUsd).toBeGreaterThan(running.forecast.usd);
    const queues = await until(events, 'queues', () => true);
    expect(queues).toMatchObject({ tasks: { waiting: expect.any(Number) }, deadTasks: 0, deadResults: 0 });

    const asked = await fetch(`${origin}/api/runs/${run}/control`, {
      method: 'POST',
      headers: { 'x-padmm-token': hash.replace('#token=', '') },
      body: JSON.stringify({ action: 'stop' }),
    });
    expect(asked.status).toBe(202);
    const stopped = await until<RunPicture>(events, 'picture', ({ row }) => row.status === 'stopped');
    expect(stopped.actions).toEqual([]);
    dashboard.child.kill('SIGINT');
    expect((await dashboard.outcome).exitCode).toBe(0);
  },
  PATIENCE_MS,
);
