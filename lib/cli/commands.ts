import type { Command } from 'commander';
import { doctorCommand } from './commands/doctor.ts';
import { schemaCommand } from './commands/schema.ts';
import { trainCommand } from './commands/train.ts';
import { validateCommand } from './commands/validate.ts';

/** Every command, in the order in which the help lists them. A new one is a file under `commands` and a line here. */
export const commands: readonly (() => Command)[] = [
  trainCommand,
  validateCommand,
  doctorCommand,
  schemaCommand,
];
