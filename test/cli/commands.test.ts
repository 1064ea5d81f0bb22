import { expect, test } from 'vitest';
import { commands } from '../../lib/cli/commands.ts';

test.each([...commands])('%s has its name, and help with examples', async (name, { load }) => {
  const command = await load();
  let help = '';
  command.configureOutput({
    writeOut(text) {
      help += text;
    },
  });
  command.outputHelp();
  expect(command.name()).toBe(name);
  expect(help).toMatch(new RegExp(`\\nExamples:\\n  padmm ${name} ?`));
  expect(help.split('\n').filter((line) => line.length > 120)).toEqual([]);
});
