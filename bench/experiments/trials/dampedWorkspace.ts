import { type RunContext, Workspace } from '../../../lib/worker/workspace.ts';

/** A workspace whose runs take only a share of each step: w_i = z̃ + share · (θ_i − z̃) + y_i. */
export class DampedWorkspace extends Workspace {
  /** Of the next subproblem; 1 leaves the run's own relaxation as it is. */
  share = 1;

  override async context(run: string): Promise<RunContext> {
    const context = await super.context(run);
    if (this.share === 1) return context;
    const { config } = context;
    const relaxation = this.share * config.consensus.relaxation;
    return { ...context, config: { ...config, consensus: { ...config.consensus, relaxation } } };
  }
}
