/**
 * Options that several commands share: each is defined once, so that it reads and behaves the same everywhere.
 * A command takes them with `.addOption(jsonOption())`, or `addPlaceOptions(command)`.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';

export const DEFAULT_DIRECTORY = '.padmm';

/** `--local`: the embedded emulator instead of AWS. */
export const localOption = (): Option =>
  new Option('--local', 'run everything on this machine, in the embedded emulator').conflicts([
    'endpoint',
    'stack',
    'region',
    'profile',
  ]);

/** `--endpoint URL`: another emulator of AWS, such as LocalStack. */
export const endpointOption = (): Option =>
  new Option('--endpoint <url>', 'endpoint of an AWS emulator').argParser(parseEndpoint);

/** `--stack`, `--region`, `--profile`, `--endpoint`: a deployment on AWS, named as for the AWS CLI. */
export function addStackOptions(command: Command): Command {
  return command
    .option('--stack <name>', 'CloudFormation stack of a deployment (PADMM_STACK)')
    .option(
      '--region <region>',
      'AWS region of the stack (AWS_REGION, AWS_DEFAULT_REGION, or of the profile)',
    )
    .option('--profile <name>', 'profile of the AWS configuration (AWS_PROFILE)')
    .addOption(endpointOption());
}

/** The options of a command that works on runs of a directory and of a deployment alike: see place.ts. */
export function addPlaceOptions(command: Command): Command {
  const directory = new Option(
    '--dir <directory>',
    `directory of local runs (default: "${DEFAULT_DIRECTORY}")`,
  );
  return addStackOptions(command.addOption(directory.conflicts(['stack', 'region', 'profile', 'endpoint'])));
}

/** `--data DIR|URI`: where the files of a dataset are. */
export const dataOption = (): Option =>
  new Option('--data <place>', 'where the files of the dataset are: a directory, or s3://BUCKET/PREFIX');

/** `--json`: one JSON document on stdout, for programs. */
export const jsonOption = (): Option => new Option('--json', 'print one JSON document on stdout');

/** An absolute http or https URL. @throws InvalidArgumentError, which commander turns into a usage message. */
export function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw new InvalidArgumentError('Expected an http or https URL such as http://127.0.0.1:4566.');
}

/** A whole number of at least 1. @throws InvalidArgumentError, which commander turns into a usage message. */
export function parsePositiveInteger(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

/** A whole number of at least 0. @throws InvalidArgumentError, which commander turns into a usage message. */
export function parseWholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number of at least 0.');
}

const DEFAULT_WORKERS = 2;

/** `--workers N`: worker processes of a local run. */
export const workersOption = (): Option =>
  new Option('--workers <n>', 'worker processes').argParser(parsePositiveInteger).default(DEFAULT_WORKERS);

export interface BandwidthOptions {
  /** MB/s. */
  readonly bandwidth?: number;
}

/** `--bandwidth MB/S`: what the limit on the size of a run's updates is counted with. */
export const bandwidthOption = (): Option =>
  new Option(
    '--bandwidth <MB/s>',
    'between the store and the coordinator; 75 without (a run whose updates take too long is refused)',
  ).argParser(parsePositiveInteger);

/** Bytes a second; undefined where nothing was said. */
export const bytesPerSecondOf = ({ bandwidth }: BandwidthOptions): number | undefined =>
  bandwidth === undefined ? undefined : bandwidth * 1e6;

/** `--port N`: of the embedded emulator. */
export const portOption = (): Option =>
  new Option('--port <n>', 'port of the embedded emulator; a free one without').argParser(
    parsePositiveInteger,
  );
