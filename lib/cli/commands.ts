import type { Command } from 'commander';

interface CommandEntry {
  /** For the list of commands and for the command's own help. */
  readonly description: string;
  /** Loads the file of the command and makes the command. */
  readonly load: () => Promise<Command>;
}

/**
 * Every command by its name, in the order in which the help lists them; a new one is a file under `commands` and an
 * entry here. A command's file is loaded only when it is called: what one needs costs the others no time.
 */
export const commands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'init',
    {
      description: 'write a commented run config for a dataset, by asking or by options',
      load: async () => (await import('./commands/init.ts')).initCommand(),
    },
  ],
  [
    'train',
    {
      description: 'train a model from a run config, and watch it',
      load: async () => (await import('./commands/train.ts')).trainCommand(),
    },
  ],
  [
    'sweep',
    {
      description: 'train many runs from one config, and compare them',
      load: async () => (await import('./commands/sweep.ts')).sweepCommand(),
    },
  ],
  [
    'submit',
    {
      description: 'submit a run to a deployment on AWS, and do not wait for it',
      load: async () => (await import('./commands/submit.ts')).submitCommand(),
    },
  ],
  [
    'upload',
    {
      description: 'store a dataset in a deployment, and start nothing',
      load: async () => (await import('./commands/upload.ts')).uploadCommand(),
    },
  ],
  [
    'cost',
    {
      description: 'say what a run will cost, by its config, or what it has cost',
      load: async () => (await import('./commands/cost.ts')).costCommand(),
    },
  ],
  [
    'validate',
    {
      description: 'check a run config, print it with every default filled in, and estimate what it takes',
      load: async () => (await import('./commands/validate.ts')).validateCommand(),
    },
  ],
  [
    'list',
    {
      description: 'list the runs of a directory or a deployment',
      load: async () => (await import('./commands/list.ts')).listCommand(),
    },
  ],
  [
    'status',
    {
      description: 'show how a run stands',
      load: async () => (await import('./commands/status.ts')).statusCommand(),
    },
  ],
  [
    'watch',
    {
      description: 'show the progress of a run until its end',
      load: async () => (await import('./commands/watch.ts')).watchCommand(),
    },
  ],
  [
    'pause',
    {
      description: 'send out no more subproblems of a run, until it is resumed',
      load: async () => (await import('./commands/pause.ts')).pauseCommand(),
    },
  ],
  [
    'resume',
    {
      description: 'go on with a run that was paused or interrupted, and watch it',
      load: async () => (await import('./commands/resume.ts')).resumeCommand(),
    },
  ],
  [
    'stop',
    {
      description: 'end a run early, with the best model so far',
      load: async () => (await import('./commands/stop.ts')).stopCommand(),
    },
  ],
  [
    'fork',
    {
      description: 'begin a run from a version of another, under a config of its own',
      load: async () => (await import('./commands/fork.ts')).forkCommand(),
    },
  ],
  [
    'budget',
    {
      description: 'show or change the limits of a run: rounds, time, money',
      load: async () => (await import('./commands/budget.ts')).budgetCommand(),
    },
  ],
  [
    'redrive',
    {
      description: 'forget failures: send what is outstanding again, and what nobody could deal with',
      load: async () => (await import('./commands/redrive.ts')).redriveCommand(),
    },
  ],
  [
    'delete',
    {
      description: 'delete a run that has ended, with all that is stored of it',
      load: async () => (await import('./commands/delete.ts')).deleteCommand(),
    },
  ],
  [
    'report',
    {
      description: 'write a report of one or several runs, as HTML or Markdown',
      load: async () => (await import('./commands/report.ts')).reportCommand(),
    },
  ],
  [
    'dashboard',
    {
      description: 'serve a live page of all runs, on this machine',
      load: async () => (await import('./commands/dashboard.ts')).dashboardCommand(),
    },
  ],
  [
    'export',
    {
      description: 'write the history of a run for TensorBoard, as CSV, Parquet or JSON',
      load: async () => (await import('./commands/export.ts')).exportCommand(),
    },
  ],
  [
    'download',
    {
      description: 'write the model of a run to files',
      load: async () => (await import('./commands/download.ts')).downloadCommand(),
    },
  ],
  [
    'evaluate',
    {
      description: 'measure a model on held-out data',
      load: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
    },
  ],
  [
    'predict',
    {
      description: 'predict with a model',
      load: async () => (await import('./commands/predict.ts')).predictCommand(),
    },
  ],
  [
    'generate',
    {
      description: 'draw text from a model of characters',
      load: async () => (await import('./commands/generate.ts')).generateCommand(),
    },
  ],
  [
    'doctor',
    {
      description: 'check that this machine, or a deployment, has what a run needs',
      load: async () => (await import('./commands/doctor.ts')).doctorCommand(),
    },
  ],
  [
    'schema',
    {
      description: 'print the JSON Schema of a run config',
      load: async () => (await import('./commands/schema.ts')).schemaCommand(),
    },
  ],
  [
    'completion',
    {
      description: 'print a script that makes a shell complete commands, options and runs',
      load: async () => (await import('./commands/completion.ts')).completionCommand(),
    },
  ],
]);

/** Called by scripts of this program, not by people: neither listed nor suggested. */
export const hiddenCommands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'completion-server',
    {
      description: 'answer a shell that completes a command line',
      load: async () => (await import('./commands/completionServer.ts')).completionServerCommand(),
    },
  ],
]);
