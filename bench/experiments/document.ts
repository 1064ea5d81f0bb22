/** Sections as a Markdown document with its pictures beside it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { markdownTable } from '../../lib/observe/report/markdownTable.ts';
import { drawChart } from './plot.ts';
import type { Section } from './section.ts';

/** Folder of the pictures, beside the document. */
const PICTURES = 'results';

function sectionMarkdown({ title, description, tables, charts }: Section): string {
  return [
    `## ${title}`,
    description,
    ...tables.map(({ caption, table }) => `**${caption}**\n\n${markdownTable(table.columns, table.rows)}`),
    ...charts.map(({ name, caption }) => `![${caption}](${PICTURES}/${name}.svg)\n\n*${caption}*`),
  ].join('\n\n');
}

/** Writes the document and its pictures. */
export async function writeDocument(
  path: string,
  introduction: string,
  sections: readonly Section[],
): Promise<void> {
  const pictures = join(dirname(path), PICTURES);
  await mkdir(pictures, { recursive: true });
  for (const chart of sections.flatMap((section) => section.charts)) {
    await writeFile(join(pictures, `${chart.name}.svg`), drawChart(chart));
  }
  const text = [introduction, ...sections.map(sectionMarkdown)].join('\n\n');
  await writeFile(path, `${text}\n`);
}
