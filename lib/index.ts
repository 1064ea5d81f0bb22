/**
 * padmm as a library: training on this machine or on a deployment, and the use of what was trained.
 *
 * @packageDocumentation
 */
export { loadModel } from './api/loadModel.ts';
export type { TrainingProgress } from './api/progress.ts';
export type { TrainingResult } from './api/result.ts';
export { type SubmitToStackOptions, SubmittedRun, submit, type WatchOptions } from './api/submit.ts';
export { Training, type TrainOptions, train } from './api/train.ts';
export type { DataProgress, InputArray } from './data/samples.ts';
export * from './errors.ts';
export { type GenerateOptions, generate } from './models/generate.ts';
export type { Model, ModelMetrics } from './models/model.ts';
export { type PredictionInputs, type Predictions, predict } from './models/predict.ts';
export { decodeInputs, type InputFormat, type InputModel, readInputs } from './models/readInputs.ts';
export { exportSafetensors } from './models/safetensorsFile.ts';
export type { RunSummary } from './observe/summary.ts';
export type { DatasetConfig, ModelConfig, RunConfig, RunConfigInput } from './protocol/config.ts';
export type { TaskShape } from './protocol/dataset.ts';
export type { Metrics } from './protocol/figures.ts';
export { parseRunConfig } from './protocol/parseConfig.ts';
export type { RunStatus } from './protocol/state.ts';
export { type Backend, type BackendName, backendNames, loadBackend } from './tensors/backend.ts';
export type { ParameterArrays } from './tensors/parameters.ts';
