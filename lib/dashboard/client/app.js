// The page: shows the view that the address names, and draws it again when something has changed.
import { html, render } from 'lit-html';
import { CompareView } from './compare.js';
import { keepToken } from './controls.js';
import { ListView } from './list.js';
import { RunView } from './run.js';

const root = padmmPage.find('#app');
/** @type {View | null} */
let view = null;
let place = '';
let isDrawn = true;

/** Many changes within a frame are drawn once. */
function changed() {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(draw);
}

function draw() {
  isDrawn = true;
  if (view === null) return;
  document.title = `${view.title} · padmm`;
  render(
    html`<header><nav aria-label="Dashboard"><a href="#/">All runs</a><span class="note">${place}</span></nav></header>
<main id="content" tabindex="-1">${view.render()}</main>`,
    root,
  );
}

function viewOf(/** @type {string} */ hash) {
  const [, kind, words = ''] = /^#\/(run|compare)\/([\w,-]+)$/.exec(hash) ?? [];
  if (kind === 'run') return new RunView(words, changed);
  if (kind === 'compare') return new CompareView(words.split(','), changed);
  return new ListView(changed);
}

function go() {
  keepToken();
  view?.close();
  // Another view has other parts: none of the last one's is kept.
  render('', root);
  view = viewOf(location.hash);
  draw();
}

addEventListener('hashchange', () => {
  go();
  padmmPage.find('main').focus();
});
// The address names the view, so the link to the content must not change it.
padmmPage.find('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  padmmPage.find('main').focus();
});
go();
place = (await (await fetch('/api/place')).json()).name;
changed();
