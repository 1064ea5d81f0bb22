// What the drawing scripts share: the page's data, its colours, numbers and sizes.
// This and the other scripts here are put into the report as they are; they run in a browser alone.

globalThis.padmmReport = (() => {
  /** @type {PadmmReport['find']} */
  function find(selector, within = document) {
    const found = within.querySelector(selector);
    if (found instanceof HTMLElement) return found;
    throw new Error(`report: expected an element ${selector}, found none`);
  }

  /** @type {ReportData} */
  const data = JSON.parse(find('#report-data').textContent ?? '');

  /** @type {PadmmReport['colour']} */
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** @type {PadmmReport['writer']} */
  function writer({ divisor, format }) {
    const numbers = new Intl.NumberFormat('en', format);
    return (value) => (value === null || value === undefined ? '–' : numbers.format(value / divisor));
  }

  /** @type {PadmmReport['settle']} */
  function settle(plot, figure) {
    const place = find('.plot', figure);
    new ResizeObserver(() => {
      const width = Math.floor(place.clientWidth);
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    }).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
    const drawing = find('.u-wrap', plot.root);
    drawing.setAttribute('role', 'img');
    drawing.setAttribute('aria-label', figure.dataset.summary ?? '');
  }

  /** @type {PadmmReport['axis']} */
  const axis = () => ({
    stroke: () => colour('--muted'),
    grid: { stroke: () => colour('--grid'), width: 1 },
    ticks: { stroke: () => colour('--grid'), width: 1 },
    font: '12px system-ui, sans-serif',
  });

  return { data, colour, writer, find, settle, axis };
})();
