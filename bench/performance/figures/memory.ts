/** Whether the coordinator's memory grows with the shards. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { measureCoordinator } from '../coordinatorMemory.ts';
import { emptyConfig, SMALL } from '../emptyRuns.ts';
import { type FigureGroup, type FigureKind, sized } from '../figure.ts';
import { interleave, ratios } from '../repeat.ts';

const FEW = 10;
const MANY = 1000;
/** Each process reads as many, so that what either holds is what it needs and not what it has not yet swept. */
const CONTRIBUTIONS = 2 * MANY;

const kind: FigureKind = {
  figure: 'coordinator-memory',
  title: `peak memory of the coordinator at ${MANY} shards against ${FEW}, ${SMALL.parameters} parameters`,
  ...{ unit: '×', better: 'lower', must: 1.2, aim: 1 },
};

export const memory: FigureGroup = {
  kinds: [kind],
  async measure(bench) {
    const peakMiB = async (shards: number): Promise<number> => {
      bench.say(`${shards} shards`);
      const rounds = Math.ceil(sized(bench, CONTRIBUTIONS, 2 * (FEW + 1)) / shards);
      const config = emptyConfig({ shards, rounds: 10 * rounds, hiddenUnits: SMALL.hiddenUnits });
      const { peakBytes } = await measureCoordinator({
        directory: await mkdtemp(join(bench.directory, 'coordinator-')),
        ...{ config, parameterBytes: SMALL.parameters * Float32Array.BYTES_PER_ELEMENT, rounds },
      });
      return peakBytes / 2 ** 20;
    };
    const raw = await interleave(bench.repetitions, {
      fewShardsMiB: () => peakMiB(FEW),
      manyShardsMiB: () => peakMiB(sized(bench, MANY, FEW + 1)),
    });
    return [{ ...kind, values: ratios(raw.manyShardsMiB, raw.fewShardsMiB), raw }];
  },
};
