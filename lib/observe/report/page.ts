import { createHash } from 'node:crypto';
import { reportAssets } from './assets.ts';
import { html, Markup, scriptJson } from './html.ts';

/** What a page is made of. */
export interface PageContent {
  readonly title: string;
  readonly body: Markup;
  /** What the page's scripts draw from; any JSON. */
  readonly data: unknown;
}

const sourceHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * A page that stands alone: styles, scripts and data are in it, and its policy lets it ask nothing of anywhere and run
 * no script but its own.
 */
export function renderPage({ title, body, data }: PageContent): string {
  const { styles, script } = reportAssets();
  // uPlot places its parts by style attributes of its own making; they carry no text of the run.
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${sourceHash(script)}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Markup(styles)}</style>
</head>
<body>
${body}
<script type="application/json" id="report-data">${scriptJson(data)}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}
