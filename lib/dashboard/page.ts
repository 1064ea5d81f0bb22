/** The page: a shell, and the files that it asks this server for. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chartAssets } from '../observe/report/assets.ts';
import { html, scriptJson } from '../observe/report/html.ts';

const require = createRequire(import.meta.url);
const own = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
/** Node is given a build for servers; the one for browsers lies above it. */
const litHtml = (): string =>
  readFileSync(join(dirname(require.resolve('lit-html')), '../lit-html.js'), 'utf8');

/** Where modules that name a package find it. */
const importMap = scriptJson({ imports: { 'lit-html': '/assets/lit-html.js' } });

/** What lets the browser take the import map, which stands in the page itself. */
export const importMapSource = `'sha256-${createHash('sha256').update(importMap.text).digest('base64')}'`;

/** The page, which names no run: what it shows comes from the event streams. */
export const shell: string = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>padmm dashboard</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/styles.css">
<script type="importmap">${importMap}</script>
<script src="/assets/charts.js" defer></script>
<script type="module" src="/assets/app.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<div id="app"></div>
</body>
</html>
`.text;

/** A file that the page asks for. */
export interface Asset {
  readonly type: string;
  readonly body: string;
}

const MODULES = [
  'app',
  'chartElements',
  'compare',
  'controls',
  'list',
  'live',
  'run',
  'shards',
  'taskLog',
  'write',
];
const script = (body: string): Asset => ({ type: 'text/javascript; charset=utf-8', body });

/** Every file by its name under `/assets/`. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const charts = chartAssets();
  const styles = [charts.styles, own('./client/styles.css')].join('\n');
  return new Map<string, Asset>([
    ['styles.css', { type: 'text/css; charset=utf-8', body: styles }],
    ['charts.js', script(charts.script)],
    ['lit-html.js', script(litHtml())],
    ...MODULES.map((name): [string, Asset] => [`${name}.js`, script(own(`./client/${name}.js`))]),
  ]);
}
