// Draws line charts with uPlot, and makes a table of a chart's values when it is asked for.
globalThis.padmmCharts = (() => {
  const { colour, writer, find, settle, describe, setColumns, axis } = padmmPage;
  const HEIGHT_PX = 240;
  const COLOURS = 6;
  const DASHES = [[], [6, 4], [2, 3]];
  const LOGARITHMIC = 3;
  const WHOLE_STEPS = [1, 2, 5].flatMap((first) => Array.from({ length: 13 }, (_, i) => first * 10 ** i));
  WHOLE_STEPS.sort((a, b) => a - b);

  /** @typedef {(value: number | null | undefined) => string} Writer */

  /**
   * @param {Chart['series'][number]} series
   * @param {number} index
   * @param {Writer} write
   * @returns {uPlot.Series}
   */
  function seriesOptions({ label, sparse }, index, write) {
    const stroke = () => colour(`--series-${index % COLOURS}`);
    const dash = DASHES[Math.floor(index / COLOURS) % DASHES.length] ?? [];
    return {
      label,
      stroke,
      dash,
      width: 1.75,
      spanGaps: sparse,
      points: sparse ? { show: true, size: 6, fill: stroke } : {},
      value: (_plot, value) => write(value),
    };
  }

  /** @type {uPlot.Scale.Range} */
  const fromZero = (_plot, _low, high) => [0, (high ?? 0) > 0 ? high * 1.08 : 1];

  /**
   * @param {Chart} chart
   * @param {number} width
   * @returns {uPlot.Options}
   */
  function chartOptions(chart, width) {
    const write = writer(chart.style);
    const writePlace = writer(chart.axis.style);
    return {
      width,
      height: HEIGHT_PX,
      scales: {
        x: { time: false },
        y: {
          ...(chart.scale === 'log' && { distr: LOGARITHMIC }),
          ...(chart.fromZero && { range: fromZero }),
        },
      },
      axes: [
        {
          ...axis(),
          size: 34,
          ...(chart.axis.whole && { incrs: WHOLE_STEPS }),
          values: (_plot, splits) => splits.map(writePlace),
        },
        {
          ...axis(),
          size: 68,
          values: (_plot, splits) => splits.map((value) => (value === null ? '' : write(value))),
        },
      ],
      series: [
        { label: chart.axis.label, value: (_plot, place) => writePlace(place) },
        ...chart.series.map((series, i) => seriesOptions(series, i, write)),
      ],
      cursor: { drag: { x: true, y: false } },
    };
  }

  /**
   * @param {'th' | 'td'} tag
   * @param {string} text
   * @param {'col' | 'row'} [scope]
   */
  function cell(tag, text, scope) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (scope !== undefined) made.setAttribute('scope', scope);
    return made;
  }

  /** @param {Chart} chart */
  function makeTable(chart) {
    const write = writer(chart.style);
    const writePlace = writer(chart.axis.style);
    const table = document.createElement('table');
    const names = chart.series.map(({ label }) => cell('th', label, 'col'));
    table
      .createTHead()
      .insertRow()
      .append(cell('th', chart.axis.label, 'col'), ...names);
    const body = table.createTBody();
    chart.x.forEach((place, at) => {
      const values = chart.series.map((series) => cell('td', write(series.values[at])));
      body.insertRow().append(cell('th', writePlace(place), 'row'), ...values);
    });
    return table;
  }

  /**
   * Fills the table of values while it is open: a long one takes time.
   * @param {HTMLElement} details
   * @param {Chart} chart
   */
  function fill(details, chart) {
    details.querySelector('.scroll')?.remove();
    if (!details.hasAttribute('open')) return;
    const scroll = document.createElement('div');
    scroll.className = 'scroll';
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', `Table of ${chart.title.toLowerCase()}`);
    scroll.append(makeTable(chart));
    details.append(scroll);
  }

  /** @param {Chart} chart @returns {uPlot.AlignedData} */
  const columnsOf = ({ x, series }) => [[...x], ...series.map(({ values }) => [...values])];

  /** What a plot is made for once: another needs another plot. @param {Chart} chart */
  const shapeOf = ({ axis, style, scale, series }) =>
    JSON.stringify([axis, style, scale, series.map(({ label }) => label)]);

  /** @param {HTMLElement} figure @param {Chart} chart */
  function draw(figure, chart) {
    const place = find('.plot', figure);
    const plot = new uPlot(chartOptions(chart, Math.floor(place.clientWidth)), columnsOf(chart), place);
    return { plot, shape: shapeOf(chart), remove: settle(plot, figure) };
  }

  /** @param {HTMLElement} figure @param {Chart} first @returns {Drawing<Chart>} */
  function lineChart(figure, first) {
    let chart = first;
    let drawn = draw(figure, chart);
    const details = find('details', figure);
    details.addEventListener('toggle', () => fill(details, chart));
    return {
      update(next) {
        chart = next;
        if (drawn.shape === shapeOf(chart)) {
          setColumns(drawn.plot, columnsOf(chart));
          describe(drawn.plot, figure.dataset.summary ?? '');
        } else {
          drawn.remove();
          drawn = draw(figure, chart);
        }
      },
      remove: () => drawn.remove(),
    };
  }

  return { lineChart };
})();
