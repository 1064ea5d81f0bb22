/** The files that pages are made of: styles and scripts of this project, and uPlot's. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const own = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const ofPackage = (path: string): string => readFileSync(require.resolve(path), 'utf8');

/** What a page carries. */
export interface Assets {
  readonly styles: string;
  readonly script: string;
}

/** What draws charts and timelines; order matters: later styles override earlier ones, later scripts call earlier ones. */
export function chartAssets(): Assets {
  return {
    styles: [ofPackage('uplot/dist/uPlot.min.css'), own('./styles.css')].join('\n'),
    script: [
      own('./client/locale.js'),
      ofPackage('uplot/dist/uPlot.iife.min.js'),
      own('./client/page.js'),
      own('./client/lineCharts.js'),
      own('./client/timelines.js'),
    ].join('\n'),
  };
}

/** What a report carries within itself. */
export function reportAssets(): Assets {
  const { styles, script } = chartAssets();
  return { styles, script: [script, own('./client/report.js')].join('\n') };
}
