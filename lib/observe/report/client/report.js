// Draws what the report carries, once.
(() => {
  const { find } = padmmPage;
  /** @type {ReportData} */
  const data = JSON.parse(find('#report-data').textContent ?? '');

  for (const [key, chart] of Object.entries(data.charts)) {
    padmmCharts.lineChart(find(`[data-chart="${key}"]`), chart);
  }
  data.timelines.forEach((timeline, index) => {
    if (timeline !== null) padmmTimelines.timeline(find(`[data-timeline="${index}"]`), timeline);
  });
})();
