import { ConfigError, DataError } from '../errors.ts';
import { resolveDataFile } from './files.ts';
import { GrowingArray } from './growingArray.ts';
import { Labels } from './labels.ts';
import { nameIn, numberIn, readRecords, type TableRecord } from './records.ts';
import type { ConfigOf, LoadOptions, TargetArray } from './samples.ts';
import type { SequenceSet, Sequences } from './sequences.ts';

type Config = ConfigOf<'sequences'>;
type TableSource = Extract<Config['source'], { format: 'csv' }>;

/** Where the targets of the lines go that have one. */
interface TargetSink {
  add(record: TableRecord): void;
  view(): TargetArray;
}

/** Follows the lines of one table: where samples end, and that all are of one length. */
class SampleBoundaries {
  readonly #path: string;
  readonly #seen = new Set<string>();
  #current: string | undefined;
  #steps = 0;
  timeSteps: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get count(): number {
    return this.#seen.size;
  }

  /** @returns whether the line begins a sample after another one. */
  step(sample: string, line: number): boolean {
    const begins = sample !== this.#current;
    const isNext = begins && this.#current !== undefined;
    if (begins) {
      this.end(line);
      if (this.#seen.has(sample)) {
        this.#refuse(line, `no more lines of sample ${sample}, which ended before`, 'one');
      }
      this.#seen.add(sample);
      this.#current = sample;
    }
    this.#steps += 1;
    return isNext;
  }

  /** Ends the sample at hand, the lines of which came before `line`. */
  end(line: number): void {
    if (this.#current === undefined) return;
    this.timeSteps ??= this.#steps;
    if (this.#steps !== this.timeSteps) {
      const expected = `${this.timeSteps} time steps of sample ${this.#current}, as the first sample has`;
      this.#refuse(line, expected, `${this.#steps}`);
    }
    this.#steps = 0;
  }

  #refuse(line: number, expected: string, received: string): never {
    throw new DataError(this.#path, { field: `line ${line}`, expected, received });
  }
}

async function readTable(
  path: string,
  { source, readout }: Config & { readonly source: TableSource },
  targets: TargetSink,
  options: LoadOptions,
): Promise<SequenceSet> {
  const inputs = new GrowingArray<Float32Array<ArrayBuffer>>(Float32Array);
  const samples = new SampleBoundaries(path);
  let last: TableRecord | undefined;
  for await (const record of readRecords(path, options)) {
    const isNext = samples.step(nameIn(path, record, source.sampleColumn), record.line);
    if (last && (readout === 'every' || isNext)) targets.add(last);
    for (const column of source.inputColumns) inputs.push(numberIn(path, record, column));
    last = record;
  }
  if (last) {
    samples.end(last.line);
    targets.add(last);
  }
  if (samples.timeSteps === undefined) {
    throw new DataError(path, { field: 'records', expected: 'at least 1', received: 'none' });
  }
  const view = { inputs: inputs.view(), targets: targets.view() };
  return { path, count: samples.count, timeSteps: samples.timeSteps, ...view };
}

/** Values of regression, K a line. */
function valueSink(path: string, columns: readonly string[]): TargetSink {
  const values = new GrowingArray<Float32Array<ArrayBuffer>>(Float32Array);
  return {
    add: (record) => {
      for (const column of columns) values.push(numberIn(path, record, column));
    },
    view: () => values.view(),
  };
}

type Files = readonly { readonly path: string; readonly isTest: boolean }[];

async function readValues(
  files: Files,
  config: Config & { source: TableSource },
  options: LoadOptions,
): Promise<Sequences> {
  const sets: SequenceSet[] = [];
  for (const { path } of files) {
    sets.push(await readTable(path, config, valueSink(path, config.source.targetColumns), options));
  }
  const size = config.source.targetColumns.length;
  return { sets, features: config.source.inputColumns.length, target: { kind: 'values', size } };
}

async function readClasses(
  files: Files,
  config: Config & { source: TableSource },
  options: LoadOptions,
): Promise<Sequences> {
  const [column, ...others] = config.source.targetColumns;
  if (column === undefined || others.length > 0) {
    const received = JSON.stringify(config.source.targetColumns);
    const mismatch = {
      field: 'dataset.source.targetColumns',
      expected: 'the one column of the class',
      received,
    };
    throw new ConfigError('run config', [mismatch]);
  }
  const labels = new Labels();
  const lists: ReturnType<Labels['newList']>[] = [];
  const sets: SequenceSet[] = [];
  for (const { path, isTest } of files) {
    const list = labels.newList();
    const add = (record: TableRecord): void => {
      const name = nameIn(path, record, column);
      if (isTest) labels.addKnown(list, name, path, record.line);
      else labels.add(list, name);
    };
    sets.push(await readTable(path, config, { add, view: () => list.view() }, options));
    lists.push(list);
  }
  const classNames = labels.finish(config.source.file, ...lists);
  const target = { kind: 'classes', classes: classNames.length } as const;
  return { sets, features: config.source.inputColumns.length, target, classNames };
}

/**
 * Reads sequences from tables of one line a time step. Memory holds the numbers alone.
 *
 * @throws DataError naming the file and line where samples differ in length or are not together, or a field is no finite
 *   number; ConfigError where classification has several target columns.
 */
export function readSequenceTables(
  config: Config & { readonly source: TableSource },
  options: LoadOptions,
): Promise<Sequences> {
  const { file, testFile } = config.source;
  const files = [
    { path: resolveDataFile(options, file), isTest: false },
    ...(testFile === undefined ? [] : [{ path: resolveDataFile(options, testFile), isTest: true }]),
  ];
  const read = config.task === 'regression' ? readValues : readClasses;
  return read(files, config, options);
}
