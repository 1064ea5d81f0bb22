/** Runs trials on a pool of processes, and keeps their results: a trial that was done once is not done again. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, PadmmError } from '../../lib/errors.ts';
import { digestSchema } from '../../lib/protocol/ids.ts';
import { parseStored } from '../../lib/protocol/validate.ts';
import { type Result, resultSchema, type Trial, trialDigest, trialSchema } from './trial.ts';
import { TrialPool } from './trialPool.ts';

/** How far the trials asked for have come. */
export interface LaboratoryProgress {
  readonly done: number;
  /** Of those done, how many were found among earlier results. */
  readonly reused: number;
  /** Of those found, how many an earlier version of the program had made. */
  readonly outdated: number;
  readonly asked: number;
}

export interface LaboratoryOptions {
  /** Where results are kept: made if it is not there. */
  readonly directory: string;
  readonly dataDirectory: string | undefined;
  /** Trials at a time, each on one thread. */
  readonly processes: number;
  /** Digest of the program's sources. */
  readonly program: string;
  /** Whether results of an earlier version of the program are used. */
  readonly useOutdated: boolean;
  readonly onProgress?: (progress: LaboratoryProgress) => void;
}

/** What experiments need of a laboratory. */
export interface Trials {
  /** The result of a trial. Equal trials are done once. */
  run<K extends Trial['kind']>(trial: Extract<Trial, { kind: K }>): Promise<ResultOf<K>>;
}

type ResultOf<K extends Trial['kind']> = Extract<
  Result,
  { kind: K extends 'signal' ? 'signal' : 'training' }
>;

const recordSchema = z.strictObject({ program: digestSchema, trial: trialSchema, result: resultSchema });
type StoredResult = z.output<typeof recordSchema>;

/** @throws EnvironmentError or IntegrityError where there is a result that cannot be read. */
async function readRecord(path: string): Promise<StoredResult | null> {
  try {
    return parseStored(recordSchema, JSON.parse(await readFile(path, 'utf8')), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (error instanceof PadmmError) throw error;
    throw new EnvironmentError(`${path}: expected a result in JSON that can be read, received ${error}`);
  }
}

export class Laboratory implements Trials {
  readonly #options: LaboratoryOptions;
  readonly #pool: TrialPool;
  readonly #asked = new Map<string, Promise<Result>>();
  #done = 0;
  #reused = 0;
  #outdated = 0;

  private constructor(options: LaboratoryOptions) {
    this.#options = options;
    this.#pool = new TrialPool(options.processes);
  }

  /** @throws EnvironmentError where the directory cannot be made. */
  static async open(options: LaboratoryOptions): Promise<Laboratory> {
    await mkdir(options.directory, { recursive: true }).catch((error: unknown) => {
      throw new EnvironmentError(`${options.directory}: expected a directory to write, received ${error}`);
    });
    return new Laboratory(options);
  }

  run<K extends Trial['kind']>(trial: Extract<Trial, { kind: K }>): Promise<ResultOf<K>> {
    const digest = trialDigest(trial);
    const asked = this.#asked.get(digest) ?? this.#resolve(trial, digest);
    this.#asked.set(digest, asked);
    return asked as Promise<ResultOf<K>>;
  }

  /** How far the trials asked for so far have come. */
  get progress(): LaboratoryProgress {
    const { size: asked } = this.#asked;
    return { done: this.#done, reused: this.#reused, outdated: this.#outdated, asked };
  }

  async #resolve(trial: Trial, digest: string): Promise<Result> {
    const path = join(this.#options.directory, `${digest}.json`);
    const result = (await this.#earlier(path)) ?? (await this.#work(trial, path));
    this.#done += 1;
    this.#options.onProgress?.(this.progress);
    return result;
  }

  async #earlier(path: string): Promise<Result | null> {
    const record = await readRecord(path);
    if (record === null) return null;
    const isOutdated = record.program !== this.#options.program;
    if (isOutdated && !this.#options.useOutdated) return null;
    this.#reused += 1;
    if (isOutdated) this.#outdated += 1;
    return record.result;
  }

  async #work(trial: Trial, path: string): Promise<Result> {
    const { program, dataDirectory } = this.#options;
    const result = resultSchema.parse(await this.#pool.run({ trial, dataDirectory }));
    // Written beside and renamed: an interruption leaves no half of a result.
    await writeFile(`${path}.part`, `${JSON.stringify({ program, trial, result } satisfies StoredResult)}\n`);
    await rename(`${path}.part`, path);
    return result;
  }

  /** Ends the processes; trials that run are lost. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}
