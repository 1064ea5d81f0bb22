import type { RunView } from '../runView.ts';
import { modelDigest } from '../summary.ts';
import { formatCount, formatQuantity } from './quantity.ts';

type RunHead = Pick<RunView, 'config' | 'state'>;

/** One headline figure of a run; `name` is fixed, for whoever looks for a figure on the page. */
export interface Figure {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** Too long for a card among others. */
  readonly long?: boolean;
}

function secondsText({ state }: RunHead): string {
  return formatQuantity('seconds', Math.max(0, state.updatedAtMs - state.createdAtMs) / 1000);
}

function qualityFigures({ state, config }: RunHead): Figure[] {
  const { model, evaluations } = state;
  const validation = model?.validation ?? evaluations.best?.metrics ?? null;
  const accuracy = (value: number | null | undefined): string => formatQuantity('percent', value ?? null);
  const loss = (value: number | undefined): string => formatQuantity('number', value ?? null);
  const version = model?.version ?? evaluations.best?.version ?? null;
  return [
    { name: 'test-accuracy', label: 'Test accuracy', value: accuracy(model?.test?.accuracy) },
    { name: 'test-loss', label: 'Test loss', value: loss(model?.test?.loss) },
    { name: 'validation-accuracy', label: 'Validation accuracy', value: accuracy(validation?.accuracy) },
    { name: 'validation-loss', label: 'Validation loss', value: loss(validation?.loss) },
    {
      name: 'version',
      label: model === null ? 'Best version so far' : 'Chosen version',
      value: version === null ? '–' : formatCount(version),
    },
    {
      name: 'rounds',
      label: 'Rounds',
      value: `${formatCount(state.version)} of ${formatCount(config.stop.maxRounds)}`,
    },
  ];
}

function effortFigures(view: RunHead): Figure[] {
  const { counters, workers, residuals } = view.state;
  return [
    { name: 'seconds', label: 'Duration', value: secondsText(view) },
    { name: 'samples', label: 'Samples solved', value: formatCount(counters.samplesSeen) },
    { name: 'workers', label: 'Workers seen', value: formatCount(workers.length) },
    { name: 'read', label: 'Workers read', value: formatQuantity('bytes', counters.workerReadBytes) },
    { name: 'written', label: 'Workers wrote', value: formatQuantity('bytes', counters.workerWrittenBytes) },
    { name: 'primal', label: 'Primal residual', value: formatQuantity('number', residuals?.primal ?? null) },
    { name: 'dual', label: 'Dual residual', value: formatQuantity('number', residuals?.dual ?? null) },
    { name: 'refused', label: 'Refused results', value: formatCount(counters.refused) },
    { name: 'duplicates', label: 'Duplicate results', value: formatCount(counters.duplicates) },
    { name: 'late', label: 'Late results', value: formatCount(counters.late) },
  ];
}

/** The headline of a run, the most telling figures first. @throws IntegrityError as `modelDigest`. */
export function headlineFigures(view: RunHead): Figure[] {
  const digest: Figure = {
    name: 'digest',
    label: 'Digest of the model (SHA-256)',
    value: modelDigest(view.state) ?? '–',
    long: true,
  };
  return [...qualityFigures(view), ...effortFigures(view), digest];
}
