/** Processes that do work for as long as they are told, and say how much they did: of this project or of a peer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { EnvironmentError } from '../../lib/errors.ts';
import { parseStored } from '../../lib/protocol/validate.ts';

/** One order: a line of JSON on a process's standard input. */
export interface Order {
  readonly work: 'subproblems' | 'adam' | 'products' | 'bestProducts' | 'step';
  /** Samples of a batch. */
  readonly batchSize: number;
  /** Of the square matrices that `bestProducts` multiplies; 1024 where it says none. */
  readonly rows?: number;
  /** After which no further step begins. */
  readonly seconds: number;
}

export const doneSchema = z.object({
  /** Samples, or floating-point operations. */
  amount: z.number().gt(0),
  seconds: z.number().gt(0),
});

/** What was done: a line of JSON on standard output. */
export type Done = z.output<typeof doneSchema>;

/** What `step` is answered with: θ − z̃ of the first subproblem, float32 in base64. */
export const stepSchema = z.object({ step: z.base64() });
export type Answer = Done | z.output<typeof stepSchema>;

/** What a process is started with. */
export interface TrainerOptions {
  readonly threads: number;
  /** Of MNIST; generated digits without. */
  readonly dataDirectory: string | undefined;
}

const ENTRY = fileURLToPath(new URL('processes/trainer.ts', import.meta.url));

/** The end of what a process said in error, to say why it ended. */
const KEPT_CHARACTERS = 2000;

export class ThroughputProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** Resolves when the process has ended and all that it said has come. */
  readonly #closed: Promise<unknown>;
  #said = '';

  /** Starts a command that reads orders, and writes a line once it has begun and one for each order. */
  constructor(command: string, words: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(command, words, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('expected pipes to the process');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT_CHARACTERS);
    });
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.on('error', (error) => {
      this.#said += error.message;
    });
  }

  /** A process of this project on tfjs-node, of so many threads. */
  static ofProject(options: TrainerOptions, environment: NodeJS.ProcessEnv = process.env): ThroughputProcess {
    return new ThroughputProcess(process.execPath, [ENTRY, JSON.stringify(options)], environment);
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    await this.#closed;
    throw new EnvironmentError(
      `${this.#child.spawnfile}: expected an answer, received its end: ${this.#said}`,
    );
  }

  /** Resolves when the process takes orders, with what it says of itself. @throws EnvironmentError where it ends. */
  ready(): Promise<string> {
    return this.#line();
  }

  /** @throws EnvironmentError where the process ends; IntegrityError where it answers anything else. */
  async ask<T>(order: object, answer: z.ZodType<T>): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    return parseStored(answer, JSON.parse(await this.#line()), this.#child.spawnfile);
  }

  /** @throws as {@link ask}. */
  work(order: Order): Promise<Done> {
    return this.ask(order, doneSchema);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined)
      return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Amount a second of processes that work at the same time, each on its own. */
export async function rateOf(processes: readonly ThroughputProcess[], order: Order): Promise<number> {
  const done = await Promise.all(processes.map((process) => process.work(order)));
  return done.reduce((sum, { amount, seconds }) => sum + amount / seconds, 0);
}

/** Starts processes, waits for all of them, uses them and ends them, whatever happens. */
export async function withProcesses<T>(
  processes: readonly ThroughputProcess[],
  use: () => Promise<T>,
): Promise<T> {
  try {
    await Promise.all(processes.map((process) => process.ready()));
    return await use();
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}
