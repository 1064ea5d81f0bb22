// What the drawing scripts share: the page's colours, numbers and sizes.
// This and the other scripts here are put into pages as they are; they run in a browser alone.

globalThis.padmmPage = (() => {
  /** @type {PadmmPage['find']} */
  function find(selector, within = document) {
    const found = within.querySelector(selector);
    if (found instanceof HTMLElement) return found;
    throw new Error(`page: expected an element ${selector}, found none`);
  }

  /** @type {PadmmPage['colour']} */
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** @type {PadmmPage['writer']} */
  function writer({ divisor, format }) {
    const numbers = new Intl.NumberFormat('en', format);
    return (value) => (value === null || value === undefined ? '–' : numbers.format(value / divisor));
  }

  /** @type {PadmmPage['settle']} */
  function settle(plot, figure) {
    const place = find('.plot', figure);
    const resized = new ResizeObserver(() => {
      const width = Math.floor(place.clientWidth);
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    });
    resized.observe(place);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => plot.redraw();
    scheme.addEventListener('change', redraw);
    describe(plot, figure.dataset.summary ?? '');
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', redraw);
      plot.destroy();
    };
  }

  /** @type {PadmmPage['describe']} */
  function describe(plot, summary) {
    const drawing = find('.u-wrap', plot.root);
    drawing.setAttribute('role', 'img');
    drawing.setAttribute('aria-label', summary);
  }

  /** @type {PadmmPage['setColumns']} */
  function setColumns(plot, columns) {
    const [before] = plot.data;
    const { min, max } = plot.scales.x ?? {};
    const isZoomed = (min ?? 0) > (before[0] ?? 0) || (max ?? 0) < (before.at(-1) ?? 0);
    plot.setData(columns, !isZoomed);
    if (isZoomed) plot.redraw();
  }

  /** @type {PadmmPage['axis']} */
  const axis = () => ({
    stroke: () => colour('--muted'),
    grid: { stroke: () => colour('--grid'), width: 1 },
    ticks: { stroke: () => colour('--grid'), width: 1 },
    font: '12px system-ui, sans-serif',
  });

  return { colour, writer, find, settle, describe, setColumns, axis };
})();
