import type { Command } from 'commander';

/** Loads the file of a command and makes the command. */
type Loader = () => Promise<Command>;

/**
 * Every command by its name, in the order in which the help lists them; a new one is a file under `commands` and a
 * line here. A command's file is loaded only when it is called: what one needs costs the others no time.
 */
export const commands: ReadonlyMap<string, Loader> = new Map<string, Loader>([
  ['train', async () => (await import('./commands/train.ts')).trainCommand()],
  ['validate', async () => (await import('./commands/validate.ts')).validateCommand()],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctorCommand()],
  ['schema', async () => (await import('./commands/schema.ts')).schemaCommand()],
]);
