/** When a run has come far enough, by its residuals and by its validation losses. */
import type { GroupPenalties } from '../protocol/figures.ts';

/** ε_abs and ε_rel. */
export interface Tolerances {
  readonly absolute: number;
  readonly relative: number;
}

/** What the tolerances are measured against. */
export interface ResidualScale {
  /** Numbers in z. */
  readonly parameters: number;
  /** ‖z‖. */
  readonly consensusNorm: number;
  /** (Σ n_i/n ‖y_i‖²)^½ of the scaled duals. */
  readonly dualNorm: number;
  readonly penalty: GroupPenalties;
}

/**
 * Whether the primal and the dual residual are below √p ε_abs + ε_rel ‖z‖ and √p ε_abs + ε_rel σ ‖y‖ (Boyd et al. 2011,
 * section 3.3.1). ‖z‖ stands for the larger of ‖z‖ and ‖θ_i‖, and the smallest σ for each group's own: never looser.
 */
export function residualsAreSmall(
  residuals: { readonly primal: number; readonly dual: number },
  { parameters, consensusNorm, dualNorm, penalty }: ResidualScale,
  { absolute, relative }: Tolerances,
): boolean {
  const floor = Math.sqrt(parameters) * absolute;
  const sigma = Math.min(penalty.input, penalty.recurrent, penalty.readout);
  return (
    residuals.primal <= floor + relative * consensusNorm &&
    residuals.dual <= floor + relative * sigma * dualNorm
  );
}

/**
 * Whether the last `patience` losses bring no lower one than the `patience` before them, by a share of `minDecrease`.
 *
 * @param losses validation losses, oldest first; fewer than twice `patience` are never a plateau.
 */
export function isPlateau(losses: readonly number[], patience: number, minDecrease: number): boolean {
  if (losses.length < 2 * patience) return false;
  const [before, after] = [losses.slice(-2 * patience, -patience), losses.slice(-patience)];
  return Math.min(...after) > (1 - minDecrease) * Math.min(...before);
}
