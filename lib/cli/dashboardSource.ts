/** The runs of a place, for a dashboard that stays open while sessions come and go. */
import pLimit from 'p-limit';
import { readQueueDepths } from '../client/queueDepths.ts';
import { type Connection, connect, type Deployment } from '../cloud/deployment.ts';
import { explainError } from '../cloud/explainError.ts';
import type { StackDeployment } from '../cloud/stack.ts';
import type { LoggedTask, LogLine, OpenRuns, RunSource } from '../dashboard/source.ts';
import { findSession } from '../emulator/session.ts';
import { readTaskLog } from '../emulator/taskLogs.ts';
import { readRunHead } from '../observe/runView.ts';
import { chosenDirectory, chosenStack, lookAtRuns, openStack, type PlaceOptions } from './place.ts';
import { askSession } from './sessionRun.ts';
import { wantWorkers } from './wantWorkers.ts';

/** Time between two looks at a directory. */
const DIRECTORY_POLL_MS = 500;
const STACK_POLL_MS = 2000;

/** A source, open until `close`. */
export interface OpenedSource extends RunSource {
  close(): void;
}

function openRuns(connection: Connection, deployment: Deployment): OpenRuns {
  return { store: connection.store, queueDepths: () => readQueueDepths(connection, deployment) };
}

async function stackSource(stack: string, options: PlaceOptions): Promise<OpenedSource> {
  const deployment: StackDeployment = await openStack(stack, options);
  const connection = connect(deployment);
  const name = `stack ${stack} in ${deployment.region}`;
  return {
    name,
    pollMs: STACK_POLL_MS,
    isLive: async () => true,
    async look(work) {
      try {
        return await work(openRuns(connection, deployment));
      } catch (error) {
        throw explainError(error, name);
      }
    },
    async ask(run, action) {
      await askSession(options, run, action);
      if (action !== 'resume') return;
      const { config } = await readRunHead(connection.store, run);
      await wantWorkers(deployment, config.shards);
    },
    log: async ({ run, version, shard }) => {
      const of = shard === null ? '$.kind != "solve"' : `$.kind = "solve" && $.shard = ${shard}`;
      const pattern = `{ $.run = "${run}" && $.version = ${version} && ${of} }`;
      return {
        elsewhere: `in CloudWatch Logs of stack ${stack}, by the filter pattern ${pattern}`,
      };
    },
    close: () => connection.close(),
  };
}

/** What each line of a log says beside its message, without what every line has. */
async function logOf(directory: string, task: LoggedTask): Promise<LogLine[]> {
  const lines = await readTaskLog(directory, task);
  return lines.map(({ source, timestamp, level, message, service: _, run: _run, ...details }) => {
    return { source, at: timestamp, level, message, details: JSON.stringify(details) };
  });
}

/**
 * A directory is held by whoever trains in it: while somebody does, its endpoint is used as it is; otherwise it is opened for
 * the time of a look, so that the dashboard never keeps a session from starting.
 */
function directorySource(directory: string, options: PlaceOptions): OpenedSource {
  const oneByOne = pLimit(1);
  let session: { readonly endpoint: string | undefined; readonly connection: Connection } | null = null;
  const close = (): void => {
    session?.connection.close();
    session = null;
  };
  const connected = (deployment: Deployment): Connection => {
    if (session?.endpoint !== deployment.endpoint) close();
    session ??= { endpoint: deployment.endpoint, connection: connect(deployment) };
    return session.connection;
  };
  return {
    name: directory,
    pollMs: DIRECTORY_POLL_MS,
    isLive: async () => (await findSession(directory)) !== null,
    async look(work) {
      const live = await findSession(directory);
      if (live !== null) return work(openRuns(connected(live.deployment), live.deployment));
      close();
      const looked = await oneByOne(() =>
        lookAtRuns({ dir: directory }, async ({ connection: { store } }) => {
          return { value: await work({ store, queueDepths: null }) };
        }),
      );
      return looked?.value ?? null;
    },
    ask: async (run, action) => void (await askSession(options, run, action)),
    log: async (task) => ({ lines: await logOf(directory, task) }),
    close,
  };
}

/** Opens the place that the options name. @throws EnvironmentError where a deployment is not found. */
export async function openSource(options: PlaceOptions): Promise<OpenedSource> {
  const stack = chosenStack(options);
  return stack === null ? directorySource(chosenDirectory(options), options) : stackSource(stack, options);
}
