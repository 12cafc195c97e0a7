// Draws the charts of the overview. Colours come from the legend, so both themes have their own.
"use strict";

(() => {
  const EVERY = 15_000; // milliseconds between two reads
  const root = document.querySelector("[data-charts]");
  const figures = [...root.querySelectorAll("[data-chart]")];
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
  const moment = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const whole = new Intl.NumberFormat();
  const bars = uPlot.paths.bars({ size: [0.85, 40] });
  const WHOLE = [1, 2, 5].flatMap((step) => [...Array(10).keys()].map((power) => step * 10 ** power)).sort((a, b) => a - b);
  const plots = new Map();
  let text = "";
  let data = null;

  // What each chart shows. A later series is drawn over an earlier one, so a stack begins with the sum of all.
  const CHARTS = {
    ended: {
      columns: ({ success, other, dead_letters: dead }) => [sum(success, other, dead), sum(success, other), success],
      swatches: [2, 1, 0],
      bars: true,
      height: 200,
      read: (at, d) => `${whole.format(d.success[at])} success, ${whole.format(d.other[at])} other, ${whole.format(d.dead_letters[at])} dead letters`,
    },
    latency: {
      columns: ({ p95, median }) => [p95, median],
      swatches: [1, 0],
      height: 160,
      ticks: seconds,
      read: (at, d) => (d.median[at] === null ? "no answers" : `median ${seconds(d.median[at])}, 95 % ${seconds(d.p95[at])}`),
    },
    dead: { columns: (d) => [d.dead_letters], swatches: [0], bars: true, height: 160, read: (at, d) => `${whole.format(d.dead_letters[at])} dead letters` },
  };

  function sum(...columns) {
    return columns[0].map((_, at) => columns.reduce((total, column) => total + column[at], 0));
  }

  function seconds(value) {
    if (value >= 172800) return `${+(value / 86400).toPrecision(2)} d`;
    if (value >= 5400) return `${+(value / 3600).toPrecision(2)} h`;
    if (value >= 90) return `${+(value / 60).toPrecision(2)} min`;
    return value >= 1 || value === 0 ? `${+value.toPrecision(2)} s` : `${+(value * 1000).toPrecision(2)} ms`;
  }

  function colour(element, property) {
    return getComputedStyle(element)[property];
  }

  function draw(figure) {
    const chart = CHARTS[figure.dataset.chart];
    const place = figure.querySelector(".plot");
    const swatches = [...figure.querySelectorAll(".swatch")].map((each) => colour(each, "backgroundColor"));
    const [muted, line] = [colour(place, "color"), colour(place, "borderTopColor")];
    const columns = [data.starts_at, ...chart.columns(data)];
    const colours = chart.swatches.map((at) => swatches[at]);
    plots.get(figure)?.destroy();
    const axis = { stroke: muted, font: `11px ${colour(place, "fontFamily")}`, ticks: { show: false } };
    const plot = new uPlot(
      {
        width: place.clientWidth,
        height: chart.height,
        legend: { show: false },
        cursor: { points: { show: !chart.bars }, drag: { x: false, y: false }, y: false },
        scales: { x: { range: (_, min, max) => [min - (chart.bars ? data.every / 2 : 0), max + data.every / 2] }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] } },
        axes: [
          { ...axis, grid: { show: false }, values: (_, splits) => splits.map(label), space: 70, size: 28 },
          { ...axis, grid: { stroke: line, width: 1 }, ...(chart.ticks ? {} : { incrs: WHOLE }), values: (_, splits) => splits.map((at) => (chart.ticks ?? whole.format)(at)), size: 52, space: 36 },
        ],
        series: [{}, ...colours.map((stroke) => (chart.bars ? { stroke, fill: stroke, width: 0, paths: bars, points: { show: false } } : { stroke, width: 2, points: { show: true, filter: isolatedPoints, size: 6, fill: stroke } }))],
        hooks: { setCursor: [({ cursor }) => read(figure, chart, cursor.idx)] },
      },
      columns,
      place,
    );
    plots.set(figure, plot);
  }

  // A value without neighbours has no line: it gets a point.
  function isolatedPoints(plot, series) {
    const values = plot.data[series];
    return values.flatMap((value, at) => (value !== null && (values[at - 1] ?? values[at + 1] ?? null) === null ? [at] : []));
  }

  function label(at) {
    const date = new Date(at * 1000);
    return date.getHours() === 0 && date.getMinutes() === 0 ? day.format(date) : clock.format(date);
  }

  function read(figure, chart, at) {
    const shown = at === null || at === undefined ? "" : `${moment.format(new Date(data.starts_at[at] * 1000))}: ${chart.read(at, data)}`;
    figure.querySelector("[data-readout]").textContent = shown;
  }

  function drawAll() {
    if (data) figures.forEach(draw);
  }

  async function load() {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(root.dataset.charts, { headers: { Accept: "application/json", "X-Live": "1" }, cache: "no-store" });
    } catch {
      return; // the server is away; the next try finds it
    }
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("console:expired"));
    const fresh = answer.ok ? await answer.text() : text;
    if (fresh === text) return;
    [text, data] = [fresh, JSON.parse(fresh)];
    drawAll();
    root.dataset.drawn = "true";
  }

  let width = 0;
  new ResizeObserver(() => {
    if (root.clientWidth !== width) drawAll();
    width = root.clientWidth;
  }).observe(root);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  document.addEventListener("visibilitychange", load);
  document.addEventListener("acp:refresh", load);
  setInterval(load, EVERY);
  load();
})();
