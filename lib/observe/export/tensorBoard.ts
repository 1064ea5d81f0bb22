/**
 * The history of a run as event files of TensorBoard.
 *
 * Source: TensorBoard, `tensorboard/compat/proto/event.proto` and `summary.proto`, of which the fields that are written here
 * are repeated.
 */
import protobuf from 'protobufjs/light.js';
import type { RunView } from '../runView.ts';
import { type HistoryColumn, historyTable } from './historyTable.ts';
import { encodeRecords } from './recordFile.ts';

const Event = protobuf.Root.fromJSON({
  nested: {
    Value: {
      fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } },
      oneofs: { value: { oneof: ['simpleValue'] } },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
    },
  },
}).lookupType('Event');

/** Columns of the history by the tag that they are shown under; a slash makes a group. */
const TRAINING_TAGS: Readonly<Record<string, string>> = {
  loss: 'loss',
  accuracy: 'accuracy',
  primal_residual: 'residuals/primal',
  dual_residual: 'residuals/dual',
  penalty_input: 'penalty/input',
  penalty_recurrent: 'penalty/recurrent',
  penalty_readout: 'penalty/readout',
  samples_seen: 'samples',
  staleness_mean: 'staleness/mean',
  staleness_max: 'staleness/max',
  read_bytes: 'bytes/read',
  written_bytes: 'bytes/written',
  fetch_seconds: 'seconds/fetch',
  solve_seconds: 'seconds/solve',
  upload_seconds: 'seconds/upload',
};

/** TensorBoard lays curves of one tag over each other: those of held-out data get the tags of training. */
const TAGS = {
  train: TRAINING_TAGS,
  validation: { validation_loss: 'loss', validation_accuracy: 'accuracy' },
  test: { test_loss: 'loss', test_accuracy: 'accuracy' },
} satisfies Record<string, Readonly<Record<string, string>>>;

/** Splits are what TensorBoard calls runs: a directory each. */
export const tensorBoardSplits = Object.keys(TAGS) as (keyof typeof TAGS)[];

/** Seconds since 1970 at which a version was formed; the run's newest time for one that no round formed. */
const wallTimes = (columns: readonly HistoryColumn[], { state }: RunView): number[] => {
  const formed = columns.find(({ name }) => name === 'formed_at')?.cells ?? [];
  return formed.map((time) => Number(time ?? state.updatedAtMs) / 1000);
};

/** The event file of a split; null where nothing was measured on it. */
export function tensorBoardEvents(view: RunView, split: keyof typeof TAGS): Uint8Array | null {
  const tags: Readonly<Record<string, string>> = TAGS[split];
  const columns = historyTable(view);
  const versions = columns.find(({ name }) => name === 'version')?.cells ?? [];
  const times = wallTimes(columns, view);
  const events = versions.flatMap((step, row) => {
    const value = columns.flatMap(({ name, cells }) => {
      const [tag, simpleValue] = [tags[name], cells[row]];
      return tag === undefined || simpleValue === null ? [] : [{ tag, simpleValue }];
    });
    return value.length === 0 ? [] : [{ wallTime: times[row], step, summary: { value } }];
  });
  if (events.length === 0) return null;
  const version = { wallTime: events[0]?.wallTime, fileVersion: 'brain.Event:2' };
  return encodeRecords([version, ...events].map((event) => Event.encode(Event.fromObject(event)).finish()));
}

/** The name that TensorBoard knows an event file by; the same for the same run, so that exporting again replaces it. */
export const eventFileName = ({ state }: RunView): string =>
  `events.out.tfevents.${Math.floor(state.createdAtMs / 1000)}.padmm`;
