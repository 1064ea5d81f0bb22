import { vi } from 'vitest';
import { runCommand } from '../../lib/cli/runCommand.ts';
import type { CommandOutcome } from './commandLine.ts';

/** Runs `padmm` with these words in this process: as the program does, without a process for each of many lines. */
export async function padmmHere(words: readonly string[]): Promise<CommandOutcome> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      said[name] += String(chunk);
      return true;
    }),
  );
  try {
    const ending = await runCommand(words);
    if (ending?.message) said.stderr += `padmm: ${ending.message}\n`;
    return { exitCode: ending?.exitCode ?? 0, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
