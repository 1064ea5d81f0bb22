import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { moduleBeside } from '../besideModule.ts';
import { FUNCTION_NODE_OPTIONS } from '../cloud/functionOptions.ts';
import { PadmmError } from '../errors.ts';
import type { Invocation, RuntimeMessage, ThrownError } from './lambdaRuntime.ts';
import { describeEnd, type NodeProcess, type ProcessEnd, startNodeProcess } from './nodeProcess.ts';

export interface LambdaOptions {
  /** A file that exports `handler`. */
  readonly entry: string;
  readonly functionName: string;
  /** Time-out of one invocation; the process is killed when it passes. */
  readonly timeoutMs: number;
  /** The whole environment of the process. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
}

/** An invocation that ended without an answer. `errorType` is what AWS Lambda calls it. */
export class FunctionError extends PadmmError {
  readonly errorType: string;

  constructor(functionName: string, errorType: string, message: string) {
    super(`function ${functionName}: ${errorType}: ${message}`);
    this.errorType = errorType;
  }
}

/** Longer than AWS Lambda's 10 s, since the processes of a local run start all at once. */
const INIT_TIMEOUT_MS = 60_000;
const RUNTIME = fileURLToPath(moduleBeside(import.meta.url, './lambdaRuntime'));

const exitError = (end: ProcessEnd): ThrownError => ({
  name: 'Runtime.ExitError',
  message: `runtime exited with ${describeEnd(end)}`,
});

/**
 * One execution environment of a function: a process that loads the handler once and takes one event at a time. A
 * process that crashed, or was killed at the time-out, fails its invocation; the next one starts a fresh process.
 */
export class LambdaProcess {
  readonly #options: LambdaOptions;
  #running: NodeProcess | null = null;
  /** What the process is to say next. */
  #awaited: PromiseWithResolvers<RuntimeMessage> | null = null;
  /** Why the process is being killed, from the time-out until its end. */
  #timeout: ThrownError | null = null;

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  /** Of the process that is up, or null. */
  get pid(): number | null {
    return this.#running?.child.pid ?? null;
  }

  /**
   * Hands over one event and waits for the answer of the handler. Not to be called again before it ended.
   *
   * @throws FunctionError where the handler threw, could not be loaded, crashed or ran into the time-out.
   */
  async invoke(event: unknown): Promise<unknown> {
    const { child } = this.#running ?? (await this.#start());
    const { functionName, timeoutMs } = this.#options;
    const deadlineMs = Date.now() + timeoutMs;
    const invocation: Invocation = { requestId: randomUUID(), functionName, event, deadlineMs };
    const message = await this.#next(child, timeoutMs, () => {
      // A process that died meanwhile takes no message; its end is what fails the invocation.
      child.send(invocation, () => {});
    });
    if (message.type === 'answer') return message.value;
    throw this.#error(
      'error' in message ? message.error : { name: 'Runtime.Unknown', message: message.type },
    );
  }

  /** Kills the process; an invocation under way fails. */
  async close(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    running.child.kill('SIGKILL');
    await running.ended;
  }

  async #start(): Promise<NodeProcess> {
    const { entry, environment, logFile } = this.#options;
    const NODE_OPTIONS = [environment.NODE_OPTIONS, FUNCTION_NODE_OPTIONS].filter(Boolean).join(' ');
    const running = startNodeProcess({
      ...{ entry: RUNTIME, arguments: [entry], logFile },
      environment: { ...environment, NODE_OPTIONS },
    });
    this.#running = running;
    running.child.on('message', (message: RuntimeMessage) => {
      // An answer that crosses the kill comes too late.
      if (this.#timeout === null) this.#awaited?.resolve(message);
    });
    void running.ended.then((end) => {
      this.#running = null;
      this.#awaited?.reject(this.#error(this.#timeout ?? exitError(end)));
      this.#timeout = null;
    });
    const message = await this.#next(running.child, INIT_TIMEOUT_MS);
    if (message.type !== 'initFailed') return running;
    await this.close();
    throw this.#error({ name: 'Runtime.InitError', message: message.error.message });
  }

  /** What the process says next; it is killed when the time is over. */
  async #next(child: ChildProcess, timeoutMs: number, ask?: () => void): Promise<RuntimeMessage> {
    const awaited = Promise.withResolvers<RuntimeMessage>();
    this.#awaited = awaited;
    const timer = setTimeout(() => {
      const message = `timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      this.#timeout = { name: 'Sandbox.Timedout', message };
      child.kill('SIGKILL');
    }, timeoutMs);
    ask?.();
    try {
      return await awaited.promise;
    } finally {
      clearTimeout(timer);
      this.#awaited = null;
    }
  }

  #error({ name, message }: ThrownError): FunctionError {
    return new FunctionError(this.#options.functionName, name, message);
  }
}
