(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("controls");
  const root = document.documentElement;
  const labels = { step: "steps", flops: "FLOPs", seconds: "seconds", entries: data.entries };
  const kinds = {
    loss: [["loss", { alpha: 0.4, width: 1 }], ["smooth", { width: 2 }], ["validation", { width: 1.5, points: true }]],
    norm: [["norm", { width: 1.25 }]],
    rate: [["rate", { width: 2 }]],
  };
  const plots = [...document.querySelectorAll("[data-plot]")].map((host) => ({
    host, kind: host.dataset.plot, plot: null, readout: host.parentElement.querySelector(`[data-readout="${host.dataset.plot}"]`),
  }));

  const variable = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const prefixes = [[1e24, "Y"], [1e21, "Z"], [1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

  const whole = Array.from({ length: 25 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

  // A logarithmic axis ends at numbers of one digit: it has no marks between them.
  function decades(u, low, high) {
    const unit = (value) => 10 ** Math.floor(Math.log10(value));
    return low > 0 && high > 0 ? [Math.floor(low / unit(low) + 1e-9) * unit(low), Math.ceil(high / unit(high) - 1e-9) * unit(high)] : [low, high];
  }

  function short(value) {
    if (value === null || value === undefined) {
      return "";
    }
    const size = Math.abs(value);
    const prefix = size >= 1e4 ? prefixes.find(([unit]) => size >= unit) : undefined;
    if (prefix) {
      return `${+(value / prefix[0]).toPrecision(4)}${prefix[1]}`;
    }
    return size !== 0 && size < 1e-3 ? value.toExponential(2).replace(/\.?0+e/, "e") : `${+value.toPrecision(5)}`;
  }

  function choices() {
    const chosen = new FormData(form);
    // A page of several comparisons has no switches for single runs: all are drawn.
    const runs = form.querySelector('[name="run"]') ? new Set(chosen.getAll("run").map(Number)) : new Set(data.runs.keys());
    return { axis: chosen.get("axis") ?? "step", log: chosen.get("log") !== null, runs };
  }

  function across(run, curve, axis) {
    if (axis === "flops") {
      return curve.flops ?? (run.flops === null ? [] : curve.step.map((step) => step * run.flops));
    }
    return curve[axis];
  }

  function tell(entry, u, series, axis) {
    const at = u.cursor.idx;
    if (at === null || at === undefined) {
      entry.readout.textContent = "";
      return;
    }
    const parts = [];
    series.forEach((one, i) => {
      const values = u.data[i + 1];
      // Points of several runs lie between one another: the nearest of this run is meant.
      for (let away = 0; away < values.length; away++) {
        const found = [at - away, at + away].find((j) => values[j] !== null && values[j] !== undefined);
        if (found !== undefined) {
          parts.push(`${one.name}${one.curve === "validation" ? " (validation)" : ""} ${short(values[found])}`);
          break;
        }
      }
    });
    entry.readout.textContent = `${labels[axis]} ${short(u.data[0][at])}: ${parts.join(", ")}`;
  }

  function draw(entry) {
    const { axis, log, runs } = choices();
    const ink = variable("--ink-soft");
    const grid = { stroke: variable("--grid"), width: 1 };
    const tables = [];
    const series = [{}];
    const told = [];
    data.runs.forEach((run, number) => {
      if (!runs.has(number) || (entry.host.dataset.group ?? null) !== (run.group ?? null)) {
        return;
      }
      for (const [name, look] of kinds[entry.kind]) {
        const curve = run.curves[name];
        const x = curve ? across(run, curve, axis) : [];
        if (x.length === 0) {
          continue;
        }
        const place = run.place ?? number;
        const stroke = variable(`--run-${(place % 8) + 1}`);
        tables.push([x, curve.y]);
        series.push({
          label: run.name, stroke, width: look.width, alpha: look.alpha ?? 1, spanGaps: true,
          dash: place >= 8 ? [6, 4] : look.points ? [3, 3] : undefined,
          points: { show: look.points === true || x.length === 1, size: 6, fill: look.points ? variable("--paper") : stroke, stroke },
        });
        told.push({ name: run.name, curve: name, quiet: name === "loss" });
      }
    });
    const logarithmic = entry.kind === "norm" || (entry.kind === "loss" && log);
    const size = { width: Math.max(240, entry.host.clientWidth), height: entry.host.clientWidth < 480 ? 240 : entry.kind === "loss" ? 360 : 240 };
    const axisOf = (more) => ({ stroke: ink, grid, ticks: grid, font: "12px system-ui, sans-serif", ...more });
    entry.plot?.destroy();
    entry.plot = null;
    if (tables.length === 0) {
      entry.host.textContent = "nothing to draw";
      return;
    }
    entry.host.textContent = "";
    entry.plot = new uPlot({
      ...size,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false }, points: { show: false } },
      scales: { x: { time: false }, y: logarithmic ? { distr: 3, range: decades } : {} },
      axes: [
        axisOf({ label: labels[axis], labelFont: "12px system-ui, sans-serif", labelSize: 20, size: 32, space: 60, incrs: axis === "seconds" ? undefined : whole, values: (u, ticks) => ticks.map(short) }),
        axisOf({ size: 58, values: (u, ticks) => ticks.map(short) }),
      ],
      series,
      hooks: { setCursor: [(u) => tell(entry, u, told, axis)] },
    }, uPlot.join(tables), entry.host);
  }

  const all = () => plots.forEach(draw);
  form.addEventListener("change", all);
  form.addEventListener("submit", (event) => event.preventDefault());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  window.addEventListener("beforeprint", () => { root.classList.add("printing"); all(); });
  window.addEventListener("afterprint", () => { root.classList.remove("printing"); all(); });
  let width = plots[0].host.clientWidth;
  all();
  new ResizeObserver(() => {
    // Drawing changes the height; only another width asks for drawing again, and not before the layout is done.
    const now = plots[0].host.clientWidth;
    if (now !== width) {
      width = now;
      setTimeout(all, 0);
    }
  }).observe(plots[0].host);
})();
