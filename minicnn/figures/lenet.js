import { clamp, css, element, format, grey, inkOn, onArrows, signed } from "./interactive.js";

const STYLE = `
.mc-lenet { container-type: inline-size; }
.mc-lenet-main { display: grid; gap: 1rem 1.6rem; grid-template-columns: minmax(0, 1fr); }
.mc-lenet-left { display: grid; gap: 0 1rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
.mc-lenet-left > :first-child { grid-column: 1 / -1; }
@container (min-width: 560px) {
  .mc-lenet-main { grid-template-columns: minmax(0, 4fr) minmax(0, 7fr); }
  .mc-lenet-left { display: block; }
}
.mc-lenet canvas { display: block; width: 100%; border-radius: 3px; background: #000; image-rendering: pixelated; }
.mc-lenet-layers canvas { cursor: crosshair; touch-action: pan-y; background: none; }
.mc-lenet-layers > div { margin-bottom: 0.55rem; }
.mc-lenet .mc-title { margin-bottom: 0.15rem; }
.mc-lenet-pick { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 5px; max-width: 22rem; margin-bottom: 0.8rem; }
.mc-lenet-pick button { padding: 3px; border: 1px solid var(--mc-control); border-radius: 6px; background: none; cursor: pointer; }
.mc-lenet-pick button[aria-pressed="true"] { border-color: var(--mc-accent); box-shadow: 0 0 0 2px var(--mc-accent); }
.mc-lenet .mc-lenet-move { gap: 4px; margin: 0.45rem 0 0.9rem; }
.mc-lenet-move button { min-width: 34px; padding: 0.25rem 0.3rem; }
.mc-lenet-bars button { display: grid; grid-template-columns: 0.8em 1fr 4.3em; gap: 0.4rem; white-space: nowrap; align-items: center; width: 100%; min-height: 24px;
  padding: 0 4px; border: 0; border-radius: 4px; background: none; color: inherit; font: inherit; font-size: 14px; text-align: right; cursor: pointer; }
.mc-lenet-bars button:hover { background: var(--mc-well); }
.mc-lenet-bars button[aria-pressed="true"] { box-shadow: inset 0 0 0 2px var(--mc-accent); }
.mc-lenet-bars span { height: 12px; border-radius: 3px; background: var(--mc-well); }
.mc-lenet-bars i { display: block; height: 100%; border-radius: 3px; background: var(--mc-focus); transition: width 0.15s; }
.mc-lenet-why { border-top: 1px solid var(--mc-line); margin-top: 0.4rem; padding-top: 0.8rem; min-height: 16rem; }
.mc-lenet-grids { display: flex; flex-wrap: wrap; gap: 0.7rem 1.1rem; margin: 0.3rem 0; }
.mc-lenet-grids small { font-size: 13px; color: var(--mc-soft); }
.mc-lenet-sum { margin: 0.4rem 0 0; }
.mc-lenet-sum b { color: var(--mc-accent); font-size: 18px; white-space: nowrap; }
.mc-lenet table { border-collapse: collapse; font-size: 14px; margin: 0.3rem 0; background: none; }
.mc-lenet td { padding: 1px 1rem 1px 0; text-align: left; } .mc-lenet td:last-child { text-align: right; padding-right: 0; }
`;

// key, name, maps, height = width of a map, maps in a row on the screen
const LAYERS = [
  ["c1", "conv1 + ReLU", 6, 28, 3], ["s2", "average pool", 6, 14, 6], ["c3", "conv2 + ReLU", 16, 10, 8],
  ["s4", "average pool", 16, 5, 16], ["f5", "fc1 + ReLU", 120, 1, 60], ["f6", "fc2 + ReLU", 84, 1, 42],
].map(([key, name, maps, size, columns]) => ({ key, name, maps, size, columns }));
const UNIT = 10, GAP = 10; // canvas pixels

export function mount(root, data) {
  const labels = data.labels, layers = {};
  for (const [name, { w, scale, b }] of Object.entries(data.layers)) {
    const whole = new Int8Array(bytes(w).buffer), fan = whole.length / b.length;
    layers[name] = { w: Float64Array.from(whole, (q, k) => q * scale[Math.floor(k / fan)]), b, fan };
  }
  const pixels = bytes(data.pixels);
  const state = { digit: 0, down: 0, right: 0, layer: "c3", map: 0, row: 0, column: 0 };

  // ---- the network: each step keeps its sums before the ReLU ("c1:sum") for the explanation; a test compares with minicnn
  const relu = (sums) => sums.map((s) => Math.max(0, s));
  function conv(x, channels, size, { w, b }) {
    const out = size - 4, y = new Float64Array(b.length * out * out);
    for (let o = 0, p = 0; o < b.length; o++) for (let i = 0; i < out; i++) for (let j = 0; j < out; j++, p++) {
      let sum = b[o];
      for (let c = 0; c < channels; c++) for (let m = 0; m < 5; m++) for (let n = 0; n < 5; n++) {
        sum += w[((o * channels + c) * 5 + m) * 5 + n] * x[(c * size + i + m) * size + j + n];
      }
      y[p] = sum;
    }
    return y;
  }
  function pool(x, channels, size) {
    const half = size / 2, y = new Float64Array(channels * half * half);
    for (let c = 0, p = 0; c < channels; c++) for (let i = 0; i < half; i++) for (let j = 0; j < half; j++, p++) {
      const at = (c * size + 2 * i) * size + 2 * j;
      y[p] = (x[at] + x[at + 1] + x[at + size] + x[at + size + 1]) / 4;
    }
    return y;
  }
  const dense = (x, { w, b, fan }) => Float64Array.from(b, (bias, o) => x.reduce((sum, v, k) => sum + v * w[o * fan + k], bias));
  function forward() {
    const a = { grey: new Float64Array(1024) };
    for (let i = 0; i < 32; i++) for (let j = 0; j < 32; j++) {
      const y = i - state.down, x = j - state.right;
      if (y >= 0 && y < 32 && x >= 0 && x < 32) a.grey[i * 32 + j] = pixels[state.digit * 1024 + y * 32 + x] / 255;
    }
    a.x = a.grey.map((v) => (v - data.mean) / data.std);
    a.c1 = relu(a["c1:sum"] = conv(a.x, 1, 32, layers.conv1));
    a.s2 = pool(a.c1, 6, 28);
    a.c3 = relu(a["c3:sum"] = conv(a.s2, 6, 14, layers.conv2));
    a.s4 = pool(a.c3, 16, 10);
    a.f5 = relu(a["f5:sum"] = dense(a.s4, layers.fc1));
    a.f6 = relu(a["f6:sum"] = dense(a.f5, layers.fc2));
    a.out = dense(a.f6, layers.fc3);
    const top = Math.max(...a.out), e = a.out.map((s) => Math.exp(s - top)), total = e.reduce((p, q) => p + q);
    a.p = e.map((v) => v / total);
    return a;
  }
  let acts = forward();

  // ---- what a unit looks at: the window in the layer before, and its receptive field in the input (row, column, size)
  const window_ = { c1: (i) => i, s2: (i) => 2 * i, c3: (i) => i, s4: (i) => 2 * i };
  const fields = { c1: [1, 5], s2: [2, 6], c3: [2, 14], s4: [4, 16] }; // pixels from unit to unit, pixels seen
  const before = { c1: "x", s2: "c1", c3: "s2", s4: "c3", f5: "s4", f6: "f5", out: "f6" };
  function field() {
    const [jump, size] = fields[state.layer] || [0, 32];
    return [state.row * jump, state.column * jump, size];
  }

  // ---- the parts
  const canvas = (width, height, attributes) => element("canvas", { width, height, ...attributes });
  const picks = labels.map((label, k) => element("button", { type: "button", "aria-label": `digit ${k + 1} of ${labels.length}, a ${label}`,
    onclick: () => { Object.assign(state, { digit: k, down: 0, right: 0 }); run(); } }, canvas(32, 32, {})));
  const input = canvas(32 * UNIT, 32 * UNIT, { role: "application", tabindex: 0, "aria-roledescription": "movable digit" });
  const shift = (down, right) => {
    if (!Number.isFinite(down + right)) return;
    Object.assign(state, { down: clamp(state.down + down, -16, 16), right: clamp(state.right + right, -16, 16) });
    run();
  };
  onArrows(input, shift);
  const moves = [["\u2190", "left", 0, -1], ["\u2191", "up", -1, 0], ["\u2193", "down", 1, 0], ["\u2192", "right", 0, 1]].map(([sign, name, i, j]) =>
    element("button", { class: "mc-button", type: "button", "aria-label": `move the digit ${name}`, onclick: () => shift(i, j) }, sign));
  const bars = Array.from(layers.fc3.b, (_, k) => {
    const bar = element("i"), text = element("em", { style: "font-style: normal" });
    return { bar, text, row: element("button", { type: "button", onclick: () => select("out", k, 0, 0) }, String(k), element("span", {}, bar), text) };
  });
  const verdict = element("p", { class: "mc-note" }), why = element("div", { class: "mc-lenet-why" });
  const live = element("div", { class: "mc-hidden", "aria-live": "polite" });

  for (const layer of LAYERS) {
    const { size, columns, maps } = layer, gap = size > 1 ? GAP : 0;
    layer.step = size * UNIT + gap;
    layer.canvas = canvas(columns * layer.step - gap, Math.ceil(maps / columns) * layer.step - gap, { role: "application", tabindex: 0, "aria-roledescription": "feature maps" });
    const at = (event) => {
      const box = layer.canvas.getBoundingClientRect(), zoom = layer.canvas.width / box.width;
      const [y, x] = [(event.clientY - box.top) * zoom, (event.clientX - box.left) * zoom].map((d) => Math.max(0, d));
      const map = Math.floor(y / layer.step) * columns + Math.min(columns - 1, Math.floor(x / layer.step));
      const inside = (d) => clamp(Math.floor((d % layer.step) / UNIT), 0, size - 1);
      if (map < maps) select(layer.key, map, inside(y), inside(x));
    };
    layer.canvas.addEventListener("pointerdown", at);
    layer.canvas.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" || event.buttons) at(event); });
    layer.canvas.addEventListener("focus", () => { if (state.layer !== layer.key) select(layer.key, 0, size >> 1, size >> 1); });
    onArrows(layer.canvas, (down, right) => { // over the edge of a map, on to its neighbour
      const { map, row, column } = state;
      const y = clamp(Math.floor(map / columns) * size + row + down, 0, Math.ceil(maps / columns) * size - 1);
      const x = clamp((map % columns) * size + column + right, 0, columns * size - 1);
      select(layer.key, Math.floor(y / size) * columns + Math.floor(x / size), y % size, x % size);
    });
  }

  function select(layer, map, row, column) {
    Object.assign(state, { layer, map, row, column });
    draw();
  }
  function run() { acts = forward(); draw(); }

  // ---- drawing
  function outline(context, x, y, size) {
    for (const [colour, width] of [["#fff", 7], ["#d55e00", 4]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.strokeRect(x, y, size, size);
    }
  }
  function paint(context, values, size, x, y, unit, largest) {
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) {
      context.fillStyle = css(grey(values[i * size + j] / largest));
      context.fillRect(x + j * unit, y + i * unit, unit, unit);
    }
  }
  function draw() {
    const { layer: chosen, map, row, column } = state, previous = before[chosen];
    picks.forEach((button, k) => {
      button.setAttribute("aria-pressed", k === state.digit);
      if (!button.dataset.drawn) paint(button.firstChild.getContext("2d"), pixels.subarray(k * 1024, (k + 1) * 1024), 32, 0, 0, 1, 255);
      button.dataset.drawn = "yes";
    });
    const pen = input.getContext("2d"), [top, left, seen] = field();
    paint(pen, acts.grey, 32, 0, 0, UNIT, 1);
    outline(pen, left * UNIT + 2, top * UNIT + 2, seen * UNIT - 4);
    input.setAttribute("aria-label", `Input of 32 by 32 pixels. Arrow keys move the digit, now ${-state.down} up and ${state.right} right. ` +
      `The chosen unit sees rows ${top} to ${top + seen - 1}, columns ${left} to ${left + seen - 1}.`);
    for (const { key, name, maps, size, columns, step, canvas: where } of LAYERS) {
      const context = where.getContext("2d"), values = acts[key], largest = Math.max(...values) || 1;
      context.clearRect(0, 0, where.width, where.height);
      for (let m = 0; m < maps; m++) {
        const x = (m % columns) * step, y = Math.floor(m / columns) * step;
        paint(context, values.subarray(m * size * size, (m + 1) * size * size), size, x, y, UNIT, largest);
        if (key === previous && window_[chosen] && (chosen === "c3" || m === map)) {
          const reach = chosen === "c3" ? 5 : 2, start = window_[chosen];
          outline(context, x + start(column) * UNIT, y + start(row) * UNIT, reach * UNIT);
        }
      }
      const on = key === chosen;
      if (on) outline(context, (map % columns) * step + column * UNIT, Math.floor(map / columns) * step + row * UNIT, UNIT);
      where.setAttribute("aria-label", `${name}: ${size > 1 ? `${maps} maps of ${size} by ${size}` : `${maps} units`}. ` +
        (on ? `${place()}: ${format(value())}. ` : "") + "Arrow keys choose a unit.");
    }
    const best = acts.p.indexOf(Math.max(...acts.p));
    bars.forEach(({ bar, text, row: line }, k) => {
      bar.style.width = `${100 * acts.p[k]}%`;
      text.textContent = `${(100 * acts.p[k]).toFixed(1)} %`;
      line.style.fontWeight = k === best ? 700 : 400;
      line.setAttribute("aria-pressed", chosen === "out" && k === map);
    });
    const truth = labels[state.digit], moved = state.down || state.right;
    verdict.textContent = `Written: ${truth}. Read: ${best}${best === truth ? "." : ", which is wrong."}` +
      (moved ? ` Moved by ${format(-state.down)} up, ${format(state.right)} right.` : "");
    why.replaceChildren(...explain());
    live.textContent = `${place()}: ${format(value())}. ${verdict.textContent}`;
  }

  // ---- the numbers behind the chosen unit
  const index = () => { const l = LAYERS.find(({ key }) => key === state.layer); return l ? (state.map * l.size + state.row) * l.size + state.column : state.map; };
  const value = () => acts[state.layer][index()];
  function place() {
    const { layer, map, row, column } = state;
    if (layer === "out") return `fc3, score of digit ${map}`;
    const l = LAYERS.find(({ key }) => key === layer);
    return l.size > 1 ? `${l.name}, map ${map}, row ${row}, column ${column}` : `${l.name}, unit ${map}`;
  }
  const patch = (values, size, c, i, j, k) => Array.from({ length: k * k }, (_, n) => values[(c * size + i + Math.floor(n / k)) * size + j + (n % k)]);
  function grid(caption, values, k, colour, side, digits) {
    const cells = values.flatMap((v, n) => {
      const x = 40 * (n % k), y = 40 * Math.floor(n / k), fill = colour(v);
      const cell = element("svg.rect", { x, y, width: 40, height: 40, fill: css(fill), stroke: "#8a929c" });
      if (digits == null) return [cell];
      const text = format(v, digits), size = text.length > 4 ? 12 : 14;
      return [cell, element("svg.text", { x: x + 20, y: y + 25, fill: inkOn(fill), "font-size": size, "text-anchor": "middle" }, text)];
    });
    const picture = element("svg.svg", { viewBox: `-1 -1 ${40 * k + 2} ${40 * k + 2}`, role: "img", "aria-label": `${caption}: ${values.map((v) => format(v)).join(", ")}` }, ...cells);
    picture.style.width = side;
    return element("div", {}, picture, caption && element("small", {}, caption));
  }
  const tone = (values) => { const top = Math.max(...values.map(Math.abs)) || 1; return (v) => signed((0.8 * v) / top); };
  const shade = (top) => (v) => grey(v / (top || 1));
  const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
  const sum = (...parts) => element("p", { class: "mc-lenet-sum" }, ...parts);
  const bold = (v) => element("b", {}, format(v));
  const kept = (total) => [" = ", element("b", {}, format(total)), total > 0 ? ". ReLU lets it through." : ". ReLU makes it 0."];
  const plus = (v) => (v < 0 ? ` \u2212 ${format(-v)}` : ` + ${format(v)}`);

  function explain() {
    const { layer, map, row, column } = state;
    const title = element("p", { class: "mc-title" }, place());
    if (layer === "c1") {
      const { w, b } = layers.conv1, seen = patch(acts.x, 32, 0, row, column, 5), kernel = [...w.slice(map * 25, map * 25 + 25)];
      return [title, element("div", { class: "mc-lenet-grids" },
        grid("25 pixels", seen, 5, (v) => grey(v * data.std + data.mean), "11rem", 2), grid(`kernel ${map}`, kernel, 5, tone(kernel), "11rem", 2)),
        sum("Sum of the 25 products ", format(dot(seen, kernel)), ", bias", plus(b[map]), ...kept(acts["c1:sum"][index()]))];
    }
    if (layer === "s2" || layer === "s4") {
      const size = layer === "s2" ? 28 : 10, source = acts[before[layer]], four = patch(source, size, map, 2 * row, 2 * column, 2);
      return [title, element("div", { class: "mc-lenet-grids" }, grid(`4 numbers of map ${map}`, four, 2, shade(Math.max(...source)), "7rem", 2)),
        sum(`(${four.map((v) => format(v)).join(" + ")}) / 4 = `, bold(value()), ". No weights, nothing to learn.")];
    }
    if (layer === "c3") {
      const { w, b } = layers.conv2, top = Math.max(...acts.s2), all = tone([...w.slice(map * 150, map * 150 + 150)]);
      const sums = [], pairs = Array.from({ length: 6 }, (_, c) => {
        const seen = patch(acts.s2, 14, c, row, column, 5), kernel = [...w.slice((map * 6 + c) * 25, (map * 6 + c) * 25 + 25)];
        sums.push(dot(seen, kernel));
        return element("div", {}, element("div", { style: "display: flex; gap: 3px" },
          grid("", seen, 5, shade(top), "2.6rem"), grid("", kernel, 5, all, "2.6rem")), element("small", {}, `map ${c}: ${format(sums[c])}`));
      });
      return [title, element("p", { class: "mc-note" }, "A 5×5 patch of each of the 6 maps below it, beside its kernel (blue: negative), and the sum of their products:"),
        element("div", { class: "mc-lenet-grids" }, pairs),
        sum(sums.map((s, c) => (c ? plus(s) : format(s))).join(""), ", bias", plus(b[map]), ...kept(acts["c3:sum"][index()]))];
    }
    const { w, b, fan } = layers[{ f5: "fc1", f6: "fc2", out: "fc3" }[layer]], x = acts[before[layer]];
    const parts = Array.from(x, (v, k) => ({ k, v, w: w[map * fan + k], p: v * w[map * fan + k] })).sort((p, q) => Math.abs(q.p) - Math.abs(p.p));
    const name = (k) => (layer === "f5" ? `map ${Math.floor(k / 25)}, row ${Math.floor((k % 25) / 5)}, column ${k % 5}` : `unit ${k}`);
    const rest = parts.slice(5).reduce((s, { p }) => s + p, 0), score = layer === "out" ? value() : acts[`${layer}:sum`][map];
    const lines = [...parts.slice(0, 5).map(({ k, v, w: weight, p }) => [name(k), `${format(v)} × ${weight < 0 ? `(${format(weight)})` : format(weight)}`, format(p)]),
      [`${fan - 5} others`, "", format(rest)], ["bias", "", format(b[map])]];
    return [title, element("table", {}, element("tbody", {}, ...lines.map((cells) => element("tr", {}, ...cells.map((text) => element("td", {}, text)))))),
      layer === "out"
        ? sum("Score ", bold(score), `. Softmax: e to the power ${format(score)}, divided by the sum over all ten digits, is ${(100 * acts.p[map]).toFixed(1)} %.`)
        : sum("Sum", ...kept(score))];
  }

  const panel = (title, small, ...children) => element("div", {}, element("p", { class: "mc-title" }, title + " ", element("small", {}, small)), ...children);
  const back = element("button", { class: "mc-button", type: "button", onclick: () => shift(-state.down, -state.right) }, "Back");
  root.append(element("style", {}, STYLE), element("div", { class: "mc-lenet" },
    element("div", { class: "mc-lenet-main" },
      element("div", { class: "mc-lenet-left" },
        panel("Choose a digit", "", element("div", { class: "mc-lenet-pick", role: "group", "aria-label": "Digits" }, ...picks)),
        panel("Input", "1×32×32", input, element("div", { class: "mc-row mc-lenet-move", role: "group", "aria-label": "Move the digit" }, ...moves, back)),
        panel("Output", "probability of each digit", element("div", { class: "mc-lenet-bars" }, ...bars.map(({ row }) => row)), verdict)),
      element("div", { class: "mc-lenet-layers" }, ...LAYERS.map(({ name, maps, size, canvas: c }) =>
        panel(name, size > 1 ? `${maps}×${size}×${size}` : `${maps}`, c)))),
    why, live));
  const loudest = acts.c3.indexOf(Math.max(...acts.c3)); // to begin with
  select("c3", Math.floor(loudest / 100), Math.floor((loudest % 100) / 10), loudest % 10);
}

function bytes(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
