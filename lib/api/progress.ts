import type { RunConfig } from '../protocol/config.ts';
import type { Metrics } from '../protocol/figures.ts';
import type { RunState, RunStatus } from '../protocol/state.ts';

/** How far a run has come. */
export interface TrainingProgress {
  readonly run: string;
  readonly status: RunStatus;
  /** Consensus updates made, and the most that the config allows. */
  readonly round: number;
  readonly maxRounds: number;
  /** Batch loss and accuracy of the newest round; null before the first, the accuracy for regression too. */
  readonly loss: number | null;
  readonly accuracy: number | null;
  /** Of the newest version that was measured on validation data; null before. */
  readonly validation: Metrics | null;
  /** Residuals of the newest round; null before the first. */
  readonly primalResidual: number | null;
  readonly dualResidual: number | null;
  /** Samples solved on. */
  readonly samples: number;
}

export function progressOf({ stop }: RunConfig, state: RunState): TrainingProgress {
  const { run, status, version, latest, evaluations, residuals, counters } = state;
  return {
    ...{ run, status, round: version, maxRounds: stop.maxRounds },
    loss: latest?.loss ?? null,
    accuracy: latest?.accuracy ?? null,
    validation: evaluations.latest?.metrics ?? null,
    primalResidual: residuals?.primal ?? null,
    dualResidual: residuals?.dual ?? null,
    samples: counters.samplesSeen,
  };
}
