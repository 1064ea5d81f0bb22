/** The files that are put into the page: styles and scripts of this project, and uPlot's. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const own = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const ofPackage = (path: string): string => readFileSync(require.resolve(path), 'utf8');

/** What a page carries within itself. */
export interface Assets {
  readonly styles: string;
  readonly script: string;
}

/** Reads them; order matters: later styles override earlier ones, later scripts call earlier ones. */
export function readAssets(): Assets {
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
