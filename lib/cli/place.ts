/** Where runs are: a directory of this machine, or a deployment on AWS. Commands take either. */

import { LOCAL_POLL_MS } from '../client/follow.ts';
import type { ClientOptions } from '../cloud/clients.ts';
import { type Connection, connect, type Deployment } from '../cloud/deployment.ts';
import { explainError } from '../cloud/explainError.ts';
import { currentRegion } from '../cloud/region.ts';
import { DEFAULT_STACK, findStack, type StackDeployment } from '../cloud/stack.ts';
import { holdsObjects } from '../emulator/localDirectory.ts';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { RunState } from '../protocol/state.ts';
import { DEFAULT_DIRECTORY } from './options.ts';

/** How a person names a place; see `placeOptions` in options.ts. */
export interface PlaceOptions {
  /** On this machine, whatever the environment says. */
  readonly local?: true;
  readonly dir?: string;
  readonly stack?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

/** A place that is open. */
export interface Place {
  /** The directory's path, or `stack padmm in us-east-1`. */
  readonly name: string;
  readonly deployment: Deployment;
  readonly connection: Connection;
  /** Whether somebody takes messages in: a session that trains in the directory; a deployment always does. */
  readonly live: boolean;
  /** null for a directory. */
  readonly stack: StackDeployment | null;
}

/** Time between two looks at a run of a deployment. */
const STACK_POLL_MS = 2000;

const STACK_VARIABLE = 'PADMM_STACK';
const ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL';

/** The stack that is meant; null for a directory of this machine. What the command line says goes before the environment. */
export function chosenStack({ stack, dir, local, endpoint, region, profile }: PlaceOptions): string | null {
  if (stack !== undefined) return stack;
  if (dir !== undefined || local) return null;
  const named = process.env[STACK_VARIABLE];
  if (named) return named;
  const isOnAws = [endpoint, region, profile].some((option) => option !== undefined);
  return isOnAws ? DEFAULT_STACK : null;
}

export const chosenDirectory = ({ dir = DEFAULT_DIRECTORY }: PlaceOptions): string => dir;

export const pollMs = (options: PlaceOptions): number =>
  chosenStack(options) === null ? LOCAL_POLL_MS : STACK_POLL_MS;

/** What is said of a directory without runs. */
export const noRuns = (directory: string): string =>
  `${directory}: no runs yet; start one with: padmm train CONFIG --local --dir ${directory}`;

/** What a person does to go on with a run of a directory that nobody works on. */
export const howToGoOn = (run: string, directory: string): string =>
  `go on with: padmm resume ${run} --local --dir ${directory}`;

/** Nobody works on a run of a directory. */
export const nobodyTrains = (directory: string, { run, status, version }: RunState): EnvironmentError =>
  new EnvironmentError(
    `run ${run} is ${status} at round ${version}, but no session is training in ${directory}; ${howToGoOn(run, directory)}`,
  );

/** How AWS is reached. @throws EnvironmentError where no region is named. */
export async function clientOptions(options: PlaceOptions): Promise<ClientOptions> {
  const { profile, endpoint = process.env[ENDPOINT_VARIABLE] } = options;
  return {
    region: options.region ?? (await currentRegion(profile)),
    ...(endpoint ? { endpoint } : {}),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** Finds a deployment. @throws EnvironmentError saying what is missing and what mends it. */
export async function openStack(stack: string, options: PlaceOptions): Promise<StackDeployment> {
  const client = await clientOptions(options);
  try {
    return await findStack(stack, client);
  } catch (error) {
    throw explainError(error, `stack ${stack} in ${client.region}`);
  }
}

/** Connects to a deployment, does `work`, and closes the connection whatever comes. @throws as {@link openStack}. */
export async function withStack<T>(
  stack: string,
  options: PlaceOptions,
  work: (place: Place & { readonly stack: StackDeployment }) => Promise<T>,
): Promise<T> {
  const deployment = await openStack(stack, options);
  const connection = connect(deployment);
  const name = `stack ${stack} in ${deployment.region}`;
  try {
    return await work({ name, deployment, connection, live: true, stack: deployment });
  } catch (error) {
    throw explainError(error, name);
  } finally {
    connection.close();
  }
}

async function withDirectory<T>(
  directory: string,
  work: (place: Place) => Promise<T>,
): Promise<T | undefined> {
  if (!(await holdsObjects(directory))) return undefined;
  // The emulator takes a while to load: not for a directory that is not there.
  const { openLocalStore } = await import('../emulator/localStore.ts');
  const local = await openLocalStore({ directory });
  const { connection, deployment, live } = local;
  try {
    return await work({
      name: directory,
      deployment,
      connection,
      live,
      stack: null,
    });
  } finally {
    await local.close();
  }
}

/**
 * Opens the place that the options name, does `work` with it, and closes it whatever comes. Makes nothing on disk where
 * there are no runs.
 *
 * @returns what `work` returns, or undefined where no run was ever in the directory.
 * @throws EnvironmentError where the directory cannot be read, or the deployment not be reached.
 */
export function lookAtRuns<T>(
  options: PlaceOptions,
  work: (place: Place) => Promise<T>,
): Promise<T | undefined> {
  const stack = chosenStack(options);
  return stack === null ? withDirectory(chosenDirectory(options), work) : withStack(stack, options, work);
}

/** As {@link lookAtRuns}. @throws UsageError where no run was ever in the directory. */
export async function withRuns<T>(options: PlaceOptions, work: (place: Place) => Promise<T>): Promise<T> {
  const outcome = await lookAtRuns(options, async (place) => ({ value: await work(place) }));
  if (outcome === undefined) throw new UsageError(noRuns(chosenDirectory(options)));
  return outcome.value;
}
