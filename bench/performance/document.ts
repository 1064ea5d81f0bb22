/** The measured table in docs/PERFORMANCE.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { UsageError } from '../../lib/errors.ts';
import { markdownTable } from '../../lib/observe/report/markdownTable.ts';
import type { Results } from './results.ts';
import { COLUMNS, rowOf } from './table.ts';

const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

function section({ measuredAt, quick, repetitions, machine, versions, figures }: Results): string {
  const { processor, cores, memoryGiB, platform, loadAverage } = machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const where = `Measured ${measuredAt.slice(0, 10)} on ${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, load ${loadAverage} before; ${programs.join(', ')}; ${repetitions} repetitions.`;
  const warning = quick ? '\n\n**A quick pass, which shows that everything works, and no evidence.**' : '';
  const table = markdownTable(COLUMNS, figures.map(rowOf));
  return `${BEGIN}\n${where}${warning}\n\n${table}\n${END}`;
}

/**
 * Puts results in the place of those that the document has, between its two marks.
 *
 * @throws UsageError where the document cannot be read or lacks a mark; it stays as it is then.
 */
export async function documentResults(path: string, results: Results): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path}: expected a document to fill, received ${error}`);
  });
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new UsageError(`${path}: expected the marks ${BEGIN} and ${END} in this order, received none`);
  }
  await writeFile(path, text.slice(0, begin) + section(results) + text.slice(end + END.length));
}
