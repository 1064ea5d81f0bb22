// Draws the line charts with uPlot, and makes a table of a chart's values when it is asked for.
(() => {
  const { data, colour, writer, find, settle, axis } = padmmReport;
  const HEIGHT_PX = 240;
  const COLOURS = 6;
  const DASHES = [[], [6, 4], [2, 3]];
  const LOGARITHMIC = 3;

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
        // Rounds are whole numbers: no ticks between them.
        { ...axis(), size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] },
        {
          ...axis(),
          size: 68,
          values: (_plot, splits) => splits.map((value) => (value === null ? '' : write(value))),
        },
      ],
      series: [
        { label: 'round', value: (_plot, round) => (round === null ? '–' : String(round)) },
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
    const table = document.createElement('table');
    const names = chart.series.map(({ label }) => cell('th', label, 'col'));
    table
      .createTHead()
      .insertRow()
      .append(cell('th', 'round', 'col'), ...names);
    const body = table.createTBody();
    chart.x.forEach((round, at) => {
      const values = chart.series.map((series) => cell('td', write(series.values[at])));
      body.insertRow().append(cell('th', String(round), 'row'), ...values);
    });
    return table;
  }

  /**
   * @param {HTMLElement} details
   * @param {Chart} chart
   */
  function fillWhenOpened(details, chart) {
    const fill = () => {
      const scroll = document.createElement('div');
      scroll.className = 'scroll';
      scroll.tabIndex = 0;
      scroll.setAttribute('role', 'region');
      scroll.setAttribute('aria-label', `Table of ${chart.title.toLowerCase()}`);
      scroll.append(makeTable(chart));
      details.append(scroll);
    };
    details.addEventListener('toggle', fill, { once: true });
  }

  for (const [key, chart] of Object.entries(data.charts)) {
    const figure = find(`[data-chart="${key}"]`);
    const place = find('.plot', figure);
    /** @type {uPlot.AlignedData} */
    const columns = [[...chart.x], ...chart.series.map(({ values }) => [...values])];
    settle(new uPlot(chartOptions(chart, Math.floor(place.clientWidth)), columns, place), figure);
    fillWhenOpened(find('details', figure), chart);
  }
})();
