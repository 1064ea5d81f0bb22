/** What the processes of a local deployment wrote about a task. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** A line of a log, as the processes write it. */
const lineSchema = z.looseObject({
  timestamp: z.string(),
  level: z.string(),
  message: z.string(),
  run: z.string(),
  kind: z.string().optional(),
  version: z.number().optional(),
  shard: z.number().nullable().optional(),
});
type Line = z.output<typeof lineSchema>;
export type LoggedLine = Line & { readonly source: string };

export interface TaskFilter {
  readonly run: string;
  readonly version: number;
  /** null of an evaluation. */
  readonly shard: number | null;
}

/** The end of a log that is looked through: a task that somebody asks about is among the newest. */
const LOOKED_AT_BYTES = 8 * 2 ** 20;
const ENDING = '.log';
const SOLVE = 'solve';

async function readEnd(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - LOOKED_AT_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return from === 0 ? lines : lines.slice(1);
  } finally {
    await file.close();
  }
}

/** What a process prints that is no JSON is about no task. */
function parseLine(line: string) {
  if (!line.startsWith('{')) return null;
  try {
    return lineSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function isAbout(line: Line, { run, version, shard }: TaskFilter): boolean {
  if (line.run !== run || line.version !== version) return false;
  return shard === null ? line.kind !== SOLVE : line.kind === SOLVE && line.shard === shard;
}

async function linesOf(directory: string, name: string, wanted: TaskFilter): Promise<LoggedLine[]> {
  const source = name.slice(0, -ENDING.length);
  return (await readEnd(join(directory, name))).flatMap((text) => {
    // Most lines are about others: a look for the id is cheaper than to parse.
    const line = text.includes(wanted.run) ? parseLine(text) : null;
    return line !== null && isAbout(line, wanted) ? [{ ...line, source }] : [];
  });
}

/** The lines about a task in the logs of a directory, by time; none where it has no logs. */
export async function readTaskLog(directory: string, wanted: TaskFilter): Promise<LoggedLine[]> {
  const logs = join(directory, 'logs');
  const names = await readdir(logs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = await Promise.all(
    names.filter((name) => name.endsWith(ENDING)).map((name) => linesOf(logs, name, wanted)),
  );
  return found.flat().sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}
