// Draws timelines: uPlot gives the axes, the zoom and the cursor, the bars are painted here.
globalThis.padmmTimelines = (() => {
  const { colour, writer, find, settle, describe: describePlot, setColumns, axis } = padmmPage;
  const EVALUATION = -1;
  const AXES_PX = 50;
  const [MIN_ROW_PX, MAX_ROW_PX, ALL_ROWS_PX] = [5, 30, 720];
  const TEXT_PX = 15;
  const NAMES_PX = 104;
  const NAME_LENGTH = 14;
  /** In degrees: neighbours in number are far apart in hue. */
  const GOLDEN_ANGLE = 137.508;
  const seconds = writer({
    divisor: 1000,
    format: { style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumSignificantDigits: 4 },
  });

  /** One task, taken from the columns. */
  const taskOf = (/** @type {Timeline} */ timeline, /** @type {number} */ i) => ({
    row: timeline.worker[i] ?? 0,
    shard: timeline.shard[i] ?? EVALUATION,
    version: timeline.version[i] ?? 0,
    attempt: timeline.attempt[i] ?? 0,
    startMs: timeline.startMs[i] ?? 0,
    durationMs: timeline.durationMs[i] ?? 0,
    slow: timeline.slow[i] === 1,
  });
  /** @typedef {ReturnType<typeof taskOf>} Task */

  /** @param {number} shard */
  function barColour(shard) {
    if (shard === EVALUATION) return colour('--evaluation');
    return `hsl(${(210 + shard * GOLDEN_ANGLE) % 360} 60% ${colour('--shard-lightness')})`;
  }

  /** @param {string} name */
  const shortName = (name) => (name.length > NAME_LENGTH ? `…${name.slice(1 - NAME_LENGTH)}` : name);

  /**
   * The part of the canvas that a task takes, in its pixels; null where it is out of view.
   * @param {uPlot} plot
   * @param {Task} task
   * @param {number} rowPx
   */
  function boxOf({ bbox, valToPos }, { startMs, durationMs, row }, rowPx) {
    const left = valToPos(startMs, 'x', true);
    const width = Math.max(valToPos(startMs + durationMs, 'x', true) - left - 1, 1);
    if (left + width < bbox.left || left > bbox.left + bbox.width) return null;
    const height = Math.max(rowPx * 0.7, 1);
    return { left, top: bbox.top + row * rowPx + (rowPx - height) / 2, width, height };
  }

  /**
   * Dashed lines where results were refused.
   * @param {uPlot} plot
   * @param {readonly number[]} refusedMs
   */
  function paintRefused({ ctx, bbox, valToPos }, refusedMs) {
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const timeMs of refusedMs) {
      const x = valToPos(timeMs, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }

  /**
   * Paints the bars in view, the first worker's row on top, a red cap and outline where a task was asked again, a bar
   * below where it was slow.
   * @param {uPlot} plot
   * @param {Shown} shown
   */
  function paint(plot, { tasks, timeline: { workers, refusedMs } }) {
    const { ctx, bbox } = plot;
    const rowPx = bbox.height / workers.length;
    const penPx = 1.5 * devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    let painted = Number.NaN;
    for (const task of tasks) {
      const box = boxOf(plot, task, rowPx);
      if (box === null) continue;
      if (task.shard !== painted) ctx.fillStyle = barColour(task.shard);
      painted = task.shard;
      ctx.fillRect(box.left, box.top, box.width, box.height);
    }
    ctx.fillStyle = colour('--slow');
    for (const task of tasks) {
      const box = task.slow ? boxOf(plot, task, rowPx) : null;
      if (box !== null) ctx.fillRect(box.left, box.top + box.height - penPx, box.width, 2 * penPx);
    }
    const repeated = colour('--repeated');
    ctx.strokeStyle = repeated;
    ctx.fillStyle = repeated;
    ctx.lineWidth = penPx;
    for (const task of tasks) {
      const box = task.attempt === 0 ? null : boxOf(plot, task, rowPx);
      if (box === null) continue;
      ctx.strokeRect(box.left, box.top, box.width, box.height);
      ctx.fillRect(box.left - penPx, box.top - 2 * penPx, Math.max(box.width, penPx) + 2 * penPx, 2 * penPx);
    }
    paintRefused(plot, refusedMs);
    ctx.restore();
  }

  /**
   * @param {Timeline} timeline
   * @param {Task} task
   */
  function describe({ workers }, { row, shard, version, attempt, startMs, durationMs, slow }) {
    const what =
      shard === EVALUATION ? `evaluation of version ${version}` : `shard ${shard}, version ${version}`;
    const again = attempt > 0 ? `\nattempt ${attempt + 1}` : '';
    const late = slow ? '\nslow' : '';
    return `${workers[row]}\n${what}\nat ${seconds(startMs)}, took ${seconds(durationMs)}${again}${late}`;
  }

  /**
   * What a plot shows now, and its tasks ordered by shard, so that colours change seldom; evaluations last, on top.
   * @typedef {{ timeline: Timeline, tasks: readonly Task[] }} Shown
   */

  /** @param {Timeline} timeline @returns {Shown} */
  const shownOf = (timeline) => ({
    timeline,
    tasks: timeline.startMs.map((_, i) => taskOf(timeline, i)).sort((a, b) => b.shard - a.shard),
  });

  /**
   * Tells of the task under the pointer, or no more than a pixel beside it.
   * @param {Shown} shown
   * @returns {uPlot.Plugin}
   */
  function tooltip(shown) {
    const tip = document.createElement('div');
    tip.className = 'tooltip';
    tip.hidden = true;

    /** @param {uPlot} plot */
    function taskUnder(plot) {
      const { left = -1, top = -1 } = plot.cursor;
      if (left < 0 || top < 0) return undefined;
      const row = Math.floor((top / plot.over.clientHeight) * shown.timeline.workers.length);
      const [fromMs, toMs] = [plot.posToVal(left - 1, 'x'), plot.posToVal(left + 1, 'x')];
      return shown.tasks.find(
        (t) => t.row === row && t.startMs <= toMs && fromMs <= t.startMs + t.durationMs,
      );
    }

    /** @param {uPlot} plot */
    function show(plot) {
      const task = taskUnder(plot);
      tip.hidden = task === undefined;
      if (task === undefined) return;
      tip.textContent = describe(shown.timeline, task);
      const { left = 0, top = 0 } = plot.cursor;
      const below = top + 16 + tip.offsetHeight < plot.over.clientHeight;
      tip.style.left = `${Math.max(0, Math.min(left + 12, plot.over.clientWidth - tip.offsetWidth))}px`;
      tip.style.top = `${below ? top + 16 : top - tip.offsetHeight - 8}px`;
    }

    return { hooks: { init: (plot) => plot.over.append(tip), setCursor: show } };
  }

  /**
   * @param {Shown} shown
   * @param {number} width
   * @returns {uPlot.Options}
   */
  function options(shown, width) {
    const { timeline } = shown;
    const rows = timeline.workers.length;
    const rowPx = Math.min(MAX_ROW_PX, Math.max(MIN_ROW_PX, ALL_ROWS_PX / rows));
    // Every name where rows are tall enough for text, else every so many.
    const step = Math.ceil(TEXT_PX / rowPx);
    const named = timeline.workers.map((name, row) => ({ name, row })).filter(({ row }) => row % step === 0);
    return {
      width,
      height: Math.round(rows * rowPx) + AXES_PX,
      legend: { show: false },
      padding: [10, 14, 0, 0],
      scales: { x: { time: false }, y: { range: [0, rows], dir: -1 } },
      axes: [
        {
          ...axis(),
          size: 34,
          space: 80,
          values: (_plot, splits) => splits.map((timeMs) => seconds(timeMs)),
        },
        {
          ...axis(),
          size: NAMES_PX,
          splits: () => named.map(({ row }) => row + 0.5),
          values: () => named.map(({ name }) => shortName(name)),
          grid: { show: false },
          ticks: { show: false },
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
      plugins: [tooltip(shown)],
      hooks: { draw: [(plot) => paint(plot, shown)] },
    };
  }

  /**
   * Two points at the corners: they span the axes, the bars are painted over them.
   * @param {Timeline} timeline
   * @returns {uPlot.AlignedData}
   */
  const cornersOf = ({ fromMs, spanMs, workers }) => [
    [fromMs, Math.max(spanMs, fromMs + 1)],
    [0, workers.length],
  ];

  /** @param {HTMLElement} figure @param {Shown} shown */
  function draw(figure, shown) {
    const place = find('.plot', figure);
    const plot = new uPlot(options(shown, Math.floor(place.clientWidth)), cornersOf(shown.timeline), place);
    return { plot, remove: settle(plot, figure) };
  }

  /** @param {HTMLElement} figure @param {Timeline} first @returns {Drawing<Timeline>} */
  function timeline(figure, first) {
    let shown = shownOf(first);
    let drawn = draw(figure, shown);
    return {
      update(next) {
        if (shown.timeline.workers.join() === next.workers.join()) {
          Object.assign(shown, shownOf(next));
          setColumns(drawn.plot, cornersOf(next));
          describePlot(drawn.plot, figure.dataset.summary ?? '');
          return;
        }
        drawn.remove();
        shown = shownOf(next);
        drawn = draw(figure, shown);
      },
      remove: () => drawn.remove(),
    };
  }

  return { timeline };
})();
