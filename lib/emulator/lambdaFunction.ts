import { type LambdaOptions, LambdaProcess } from './lambdaProcess.ts';

/**
 * A function and its execution environments: an invocation takes an idle one, or starts another, as AWS Lambda scales.
 * The caller limits how many it runs at once.
 */
export class LambdaFunction {
  readonly #options: LambdaOptions;
  readonly #all: LambdaProcess[] = [];
  readonly #idle: LambdaProcess[] = [];

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  /** Process ids of the environments that are up. */
  get pids(): number[] {
    return this.#all.flatMap(({ pid }) => pid ?? []);
  }

  /** @throws FunctionError as LambdaProcess does. */
  async invoke(event: unknown): Promise<unknown> {
    const environment = this.#idle.pop() ?? this.#add();
    try {
      return await environment.invoke(event);
    } finally {
      this.#idle.push(environment);
    }
  }

  /** Kills all environments. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((environment) => environment.close()));
  }

  #add(): LambdaProcess {
    const environment = new LambdaProcess(this.#options);
    this.#all.push(environment);
    return environment;
  }
}
