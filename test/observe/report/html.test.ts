import { expect, test } from 'vitest';
import { html, Markup, scriptJson } from '../../../lib/observe/report/html.ts';

test('a template escapes text, in content and in attributes', () => {
  const name = `</p><script>"&'`;
  expect(html`<p title="${name}">${name}</p>`.text).toBe(
    '<p title="&lt;/p&gt;&lt;script&gt;&quot;&amp;&#39;">&lt;/p&gt;&lt;script&gt;&quot;&amp;&#39;</p>',
  );
});

test('a template leaves markup as it is, alone or in a list', () => {
  const items = ['a<b', 'c'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>${new Markup('<hr>')}${3}`.text).toBe(
    '<ul><li>a&lt;b</li>\n<li>c</li></ul><hr>3',
  );
});

test('JSON in a script cannot end it, and reads back the same', () => {
  const value = { name: '</script><!--', list: [1, null] };
  const { text } = scriptJson(value);
  expect(text).not.toContain('<');
  expect(JSON.parse(text)).toEqual(value);
});
