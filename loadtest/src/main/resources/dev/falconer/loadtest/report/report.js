"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const modes = Object.entries(data.modes);
const style = getComputedStyle(document.documentElement);
const colour = name => style.getPropertyValue("--" + name).trim();
const titles = {cache: "amortised, cached state", bypass: "amortised, no cache", whole: "not amortised"};
const stages = [
  ["waiting", "client: late or waiting for a slot"], ["network", "wire and gRPC"], ["decode", "decode"],
  ["state", "waiting for the user's state"], ["encode", "encode the history"], ["score", "score the candidates"],
  ["rest", "rest of the server"]];

const number = v => v === null || v === undefined || !isFinite(v) ? "–"
  : v >= 1000 ? Math.round(v).toLocaleString("en") : v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v >= 1 ? v.toFixed(2) : v.toPrecision(2);
const millis = v => number(v) + " ms";
const element = (tag, text, parent, className) => {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  parent.append(e);
  return e;
};
const best = mode => mode.steps.filter(s => s.met).reduce((a, b) => a && a.rate >= b.rate ? a : b, null);

const s = data.scenario;
document.getElementById("about").textContent =
  `Model ${data.model} ${data.version} at ${data.target}, scenario ${s.name}: ${s.users.toLocaleString("en")} users (Zipf ${s.zipf_exponent}), `
  + `${s.candidates} candidates, histories of ${s.history_low} to ${s.history_high} events that gain ${s.growth_per_request} a request; objective p99 ≤ ${s.slo_p99_ms} ms.`;
document.getElementById("foot").textContent =
  `${data.started.slice(0, 16).replace("T", " ")} UTC · ${data.machine} · ${Math.round(data.seconds)} s · seed ${s.seed} · charts by uPlot (MIT)`;

const cards = document.getElementById("cards");
for (const [name, mode] of modes) {
  const card = element("div", undefined, cards, "card");
  card.style.setProperty("--tint", colour(name));
  element("b", `${name.toUpperCase()} · ${titles[name]}`, card);
  const big = element("div", mode.met ? number(mode.highest_rate) : "never", card, "big");
  element("small", mode.met ? " requests/s" : " meets the objective", big);
  element("p", `alone: p50 ${millis(mode.closed_loop.p50_ms)}, p99 ${millis(mode.closed_loop.p99_ms)}`, card);
  const run = best(mode);
  if (run) element("p", `at that rate: p50 ${millis(run.p50_ms)}, p99 ${millis(run.p99_ms)}`, card);
  const reference = data.modes.whole;
  if (reference && name !== "whole" && reference.closed_loop.p50_ms)
    element("p", `${number(reference.closed_loop.p50_ms / mode.closed_loop.p50_ms)}× faster than WHOLE at p50`, card);
  const states = Object.entries(mode.closed_loop.states);
  const total = states.reduce((t, [, n]) => t + n, 0);
  if (name === "cache" && total)
    element("p", states.map(([k, n]) => `${k} ${Math.round(100 * n / total)}%`).join(", "), card);
}

const axis = (label, values, more) => ({
  label, values, stroke: colour("soft"), labelSize: 22, labelFont: "12px system-ui", font: "12px system-ui",
  grid: {stroke: colour("grid"), width: 1}, ticks: {stroke: colour("grid"), width: 1}, ...more});
/** Ticks at 1, 2, 5 of each decade; where the range is narrow, at every half step. */
const logSplits = (self, index, low, high) => {
  const at = leads => {
    const all = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
      for (const lead of leads) all.push(+(lead * Math.pow(10, e)).toPrecision(3));
    return all.filter(v => v >= low && v <= high);
  };
  const few = at([1, 2, 5]);
  return few.length > 3 ? few : at([1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]);
};
const logTicks = (self, splits) => splits.map(v => v.toLocaleString("en", {maximumSignificantDigits: 3}));
const log = {splits: logSplits, filter: (self, v) => v};

function chart(id, options, table) {
  const box = document.getElementById(id);
  const size = () => ({width: box.clientWidth, height: 320});
  const plot = new uPlot({...size(), cursor: {drag: {x: false, y: false}}, ...options}, table, box);
  addEventListener("resize", () => plot.setSize(size()));
}
function span(values) {
  const seen = values.flat().filter(v => v > 0);
  return [Math.min(...seen) * .8, Math.max(...seen) * 1.25];
}
function none(id, text) { element("p", text, document.getElementById(id), "note"); }

/** Latency over percentile: x = 1 / (1 - percentile), so that each decade is one more nine. */
function percentiles(id, runs) {
  if (!runs.length) return none(id, "No mode met the objective at any rate.");
  const xs = [...new Set(runs.flatMap(([, run]) => run.percentiles.map(p => p[0])))].sort((a, b) => a - b);
  const at = p => 100 / (100 - p);
  const series = runs.map(([, run]) => {
    const known = new Map(run.percentiles.map(p => [p[0], p[1]]));
    return xs.map(x => known.has(x) ? known.get(x) : null);
  });
  const marks = [0, 50, 90, 95, 99, 99.5, 99.9, 99.95, 99.99].filter(p => p <= xs[xs.length - 1]);
  chart(id, {
    scales: {x: {time: false, distr: 3, range: [1, at(xs[xs.length - 1])]}, y: {distr: 3, range: () => span(series)}},
    axes: [axis("percentile", (self, v) => v.map(x => +(100 - 100 / x).toFixed(2) + "%"),
                {splits: () => marks.map(at), filter: (self, v) => v}),
           axis("latency, ms", logTicks, {size: 60, ...log})],
    series: [{label: "percentile", value: (self, x) => x == null ? "–" : +(100 - 100 / x).toFixed(2) + "%"},
      ...runs.map(([name]) => ({label: name, stroke: colour(name), width: 2, points: {show: false},
        value: (self, v) => v == null ? "–" : millis(v)}))],
  }, [xs.map(at), ...series]);
}
percentiles("alone", modes.filter(([, m]) => m.closed_loop.percentiles.length).map(([n, m]) => [n, m.closed_loop]));
percentiles("loaded", modes.map(([n, m]) => [n, best(m)]).filter(([, run]) => run && run.percentiles.length));

(function rates() {
  const tried = modes.filter(([, m]) => m.steps.some(step => step.p99_ms));
  if (!tried.length) return none("rates", "One client alone misses the objective in every mode: no rate was tried.");
  const xs = [...new Set(tried.flatMap(([, m]) => m.steps.map(step => step.rate)))].sort((a, b) => a - b);
  const pick = key => ([, m]) => {
    const known = new Map(m.steps.filter(step => step[key]).map(step => [step.rate, step[key]]));
    return xs.map(x => known.has(x) ? known.get(x) : null);
  };
  const p99 = tried.map(pick("p99_ms")), p50 = tried.map(pick("p50_ms"));
  const slo = xs.map(() => s.slo_p99_ms);
  const show = (self, v) => v == null ? "–" : millis(v);
  chart("rates", {
    scales: {x: {time: false, distr: 3, range: () => [xs[0] * .9, xs[xs.length - 1] * 1.1]}, y: {distr: 3, range: () => span([...p99, ...p50, slo])}},
    axes: [axis("requests per second", logTicks, log), axis("latency, ms", logTicks, {size: 60, ...log})],
    series: [{label: "rate", value: (self, x) => x == null ? "–" : number(x) + "/s"},
      ...tried.map(([name]) => ({label: name + " p99", stroke: colour(name), width: 2, spanGaps: true, points: {size: 7, fill: colour(name)}, value: show})),
      ...tried.map(([name]) => ({label: name + " p50", stroke: colour(name), width: 1, dash: [3, 3], spanGaps: true, points: {show: false}, value: show})),
      {label: "objective", stroke: colour("slo"), width: 1, dash: [8, 5], points: {show: false}, value: show}],
  }, [xs, ...p99, ...p50, slo]);
})();

(function breakdown() {
  const box = document.getElementById("stages");
  const present = stages.filter(([key]) => modes.some(([, m]) => m.closed_loop.stages_us[key] >= 1));
  for (const [name, mode] of modes) {
    const parts = present.map(([key]) => Math.max(0, mode.closed_loop.stages_us[key]));
    const sum = parts.reduce((a, b) => a + b, 0);
    if (!sum) continue;
    const bar = element("div", undefined, box, "bar");
    element("span", name, bar);
    const track = element("div", undefined, bar, "track");
    parts.forEach((part, i) => {
      const piece = element("i", undefined, track);
      piece.style.width = 100 * part / sum + "%";
      piece.style.background = `var(--s${stages.indexOf(present[i])})`;
      piece.title = `${present[i][1]}: ${millis(part / 1000)}, ${Math.round(100 * part / sum)}%`;
    });
    element("span", millis(sum / 1000), bar, "sum");
  }
  const key = element("div", undefined, box, "key");
  for (const entry of present) {
    const item = element("span", undefined, key);
    element("i", undefined, item).style.background = `var(--s${stages.indexOf(entry)})`;
    item.append(entry[1]);
  }
})();

(function runs() {
  const table = document.getElementById("runs");
  const head = element("tr", undefined, table);
  for (const h of ["mode", "load", "sent", "answered/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "states", "errors", "objective"]) element("th", h, head);
  for (const [name, mode] of modes)
    for (const run of [mode.closed_loop, ...mode.steps]) {
      const closed = run === mode.closed_loop;
      const row = element("tr", undefined, table, closed || run.met ? "" : "missed");
      const list = o => Object.entries(o).map(([k, n]) => `${k} ${n}`).join(", ") || "–";
      for (const cell of [name, closed ? "one client" : number(run.rate) + "/s", run.sent, number(run.throughput), number(run.p50_ms), number(run.p90_ms),
        number(run.p99_ms), number(run.max_ms), list(run.states), list(run.errors), closed ? "–" : run.met ? "met" : run.complete ? "missed" : "missed, stopped"])
        element("td", cell, row);
    }
})();
