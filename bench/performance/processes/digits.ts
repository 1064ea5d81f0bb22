import { type DatasetConfig, datasetSchema } from '../../../lib/protocol/config.ts';

/** MNIST by rows where there is a directory of it, else some generated digits, of the same shape. */
export const digitsConfig = (dataDirectory: string | undefined): DatasetConfig =>
  datasetSchema.parse(
    dataDirectory === undefined ? { kind: 'digits', trainSamples: 400, testSamples: 40 } : { kind: 'mnist' },
  );
