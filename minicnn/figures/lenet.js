// LeNet-5 in the page: move or draw a digit, point at a unit, hold it with a click.

import { clamp, element, format, onArrows } from "./interactive.js";
import { LAYERS, forward, indexOf, levels, partsOf, readWeights } from "./lenet_network.js";
import { LAYOUTS, Painter, areaOf, boxOf, ground, links, unitAt } from "./lenet_drawing.js";
import { nameOf, scaleBar, sumOf } from "./lenet_sums.js";
import { STYLE } from "./lenet_style.js";

const SIDE = 32, PEN = 4.2; // pixels; how far ink runs from the middle of a stroke, ever thinner: like the digits it learned from

export function mount(root, data) {
  const { labels, mean, std } = data, net = readWeights(data.layers);
  const pixels = levels(data.pixels).map((level) => level / 90), digit = (k) => pixels.slice(k * SIDE * SIDE, (k + 1) * SIDE * SIDE);
  const state = { sheet: digit(0), chosen: 0, down: 0, right: 0, mode: "move", pen: [16, 16], inking: false, held: false };
  const layers = Object.keys(LAYERS), units = layers.slice(1), tops = Object.fromEntries(layers.map((layer) => [layer, 0])), kept = {};
  let acts, layout, scale = 1;

  // ---- what the network looks at
  function moved() {
    const { sheet, down, right } = state, inside = (i) => i >= 0 && i < SIDE;
    return sheet.map((_, k) => {
      const y = Math.floor(k / SIDE) - down, x = (k % SIDE) - right;
      return inside(y) && inside(x) ? sheet[y * SIDE + x] : 0;
    });
  }
  function run() {
    state.grey = moved();
    acts = forward(net, state.grey.map((v) => (v - mean) / std));
    for (const layer of units) tops[layer] = acts[layer].reduce((p, q) => (q > p ? q : p), tops[layer]);
  }
  labels.forEach((_, k) => { state.sheet = digit(k); run(); }); // scales that hold for all digits: they do not flicker
  tops.x = 1;
  function pick(k) { Object.assign(state, { sheet: digit(k), chosen: k, down: 0, right: 0 }); setMode("move"); change(); }
  function shift(down, right) {
    if (!Number.isFinite(down + right)) Object.assign(state, { down: 0, right: 0 }); // Home
    else Object.assign(state, { down: clamp(state.down + down, -SIDE, SIDE), right: clamp(state.right + right, -SIDE, SIDE) });
    change();
  }
  function stroke([fromY, fromX], [toY, toX]) {
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(toY - fromY, toX - fromX))), erase = state.mode === "erase";
    Object.assign(state, { sheet: state.grey.slice(), chosen: -1, down: 0, right: 0 });
    for (let s = 0; s <= steps; s++) {
      const y = fromY + ((toY - fromY) * s) / steps, x = fromX + ((toX - fromX) * s) / steps;
      state.sheet.forEach((old, k) => {
        const ink = clamp((PEN - Math.hypot(Math.floor(k / SIDE) + 0.5 - y, (k % SIDE) + 0.5 - x)) / 4, 0, 1);
        state.sheet[k] = erase ? Math.min(old, 1 - ink) : Math.max(old, ink);
      });
    }
    change();
  }
  function setMode(mode) { Object.assign(state, { mode, inking: false }); }
  function change() { run(); drawLayers(); draw(); }

  // ---- the parts
  const button = (text, onclick, more = {}) => element("button", { class: "mc-button", type: "button", onclick, ...more }, text);
  const picks = labels.map((label, k) => {
    const canvas = element("canvas", { width: SIDE, height: SIDE }), image = new ImageData(SIDE, SIDE);
    digit(k).forEach((v, p) => image.data.set([255 * v, 255 * v, 255 * v, 255], 4 * p));
    canvas.getContext("2d").putImageData(image, 0, 0);
    return element("button", { type: "button", "aria-label": `digit ${k + 1} of ${labels.length}, a ${label}`, onclick: () => pick(k) }, canvas);
  });
  const modes = { move: "Move", draw: "Draw", erase: "Erase" };
  const tools = Object.entries(modes).map(([mode, text]) => button(text, () => { setMode(mode); draw(); }));
  const clear = button("Clear", () => { Object.assign(state, { sheet: new Float64Array(SIDE * SIDE), chosen: -1, down: 0, right: 0 }); setMode("draw"); change(); });
  const arrows = [["\u2190", "left", 0, -1], ["\u2191", "up", -1, 0], ["\u2193", "down", 1, 0], ["\u2192", "right", 0, 1]].map(
    ([text, name, i, j]) => button(text, () => shift(i, j), { "aria-label": `move the digit ${name}` }));
  const controls = element("div", { class: "mc-controls" },
    element("div", { class: "mc-picks", role: "group", "aria-label": "Digits" }, ...picks),
    element("div", { class: "mc-tools", role: "group", "aria-label": "What dragging does" }, ...tools, clear),
    element("div", { class: "mc-arrows", role: "group", "aria-label": "Move the digit" }, ...arrows));
  const canvas = element("canvas", { "aria-hidden": "true" }), painter = new Painter(canvas);
  const under = element("svg.svg", { class: "mc-under", "aria-hidden": "true" }), over = element("svg.svg", { class: "mc-over", "aria-hidden": "true" });
  const bars = Array.from(net.fc3.b, (_, k) => {
    const bar = element("i"), text = element("em"), row = element("div", { class: "mc-bar" }, element("span", {}, String(k)), text, element("u", {}, bar));
    return { bar, text, row };
  });
  const areas = Object.fromEntries(layers.map((layer) => [layer, element("div", { class: `mc-area mc-area-${layer}`, role: "application", tabindex: 0,
    "aria-roledescription": layer === "x" ? "picture to move or to draw on" : "feature maps" }, ...(layer === "out" ? bars.map(({ row }) => row) : []))]));
  const heads = Object.fromEntries(layers.map((layer) => {
    const { name, maps, size } = LAYERS[layer], scaled = element("span");
    const shape = size > 1 ? `${maps}\u00d7${size}\u00d7${size}` : String(maps);
    return [layer, { head: element("div", { class: "mc-head" }, element("b", {}, layer === "out" ? "output" : name), " ", element("small", {}, shape)), scaled }];
  }));
  const status = element("b"), aside = element("span"), title = element("p", { class: "mc-title" }), sum = element("div", { class: "mc-sum" });
  const hold = button("", () => { state.held = !state.held; draw(); }), live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const pen = element("span", { class: "mc-pen", "aria-hidden": "true" });
  areas.x.append(pen);
  const stage = element("div", { class: "mc-stage" }, under, canvas, over, ...Object.values(heads).flatMap(({ head, scaled }) => [head, scaled]),
    areas.x, controls, ...units.map((layer) => areas[layer]));
  const figure = element("div", { class: "mc-lenet" }, element("p", { class: "mc-say" }, status, aside), stage,
    element("div", { class: "mc-why" }, element("div", { class: "mc-row" }, title, hold), sum), live);
  root.append(element("style", {}, STYLE), figure);

  // ---- the digit: dragged, drawn, moved by keys
  const pointOf = (event, layer) => {
    const box = areas[layer].getBoundingClientRect(), [, , w, h] = areaOf(layout, layer);
    return [((event.clientX - box.left) / box.width) * w, ((event.clientY - box.top) / box.height) * h];
  };
  const pixelOf = (event) => pointOf(event, "x").reverse().map((d) => d / layout.x[3]);
  let grip = null; // where the pointer took the picture, or last left ink
  areas.x.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    areas.x.setPointerCapture(event.pointerId);
    grip = pixelOf(event);
    if (state.mode !== "move") stroke(grip, grip);
  });
  areas.x.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const now = pixelOf(event);
    if (state.mode !== "move") { stroke(grip, now); grip = now; return; }
    const down = Math.round(now[0] - grip[0]), right = Math.round(now[1] - grip[1]);
    if (down || right) { grip = [grip[0] + down, grip[1] + right]; shift(down, right); }
  });
  for (const type of ["pointerup", "pointercancel"]) areas.x.addEventListener(type, () => { if (grip) { grip = null; say(); } });
  onArrows(areas.x, (down, right) => {
    if (state.mode === "move") { shift(down, right); return say(); }
    const to = [state.pen[0] + down, state.pen[1] + right].map((d) => clamp(d, 0, SIDE)), from = state.pen;
    state.pen = to;
    state.inking ? stroke(from, to) : draw();
  });
  areas.x.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (state.mode === "move") setMode("draw");
    else state.inking = !state.inking;
    state.inking ? stroke(state.pen, state.pen) : draw();
    say();
  });

  // ---- units: pointing shows, a click holds, Escape frees
  function select(unit) { state.unit = unit; draw(); }
  const same = (a, b) => ["layer", "map", "row", "column"].every((key) => a[key] === b[key]);
  const under_ = (event, layer) => { const [x, y] = pointOf(event, layer); return unitAt(layout, layer, layout[layer][0] + x, layout[layer][1] + y); };
  for (const layer of units) {
    const area = areas[layer], { maps, size } = LAYERS[layer];
    area.addEventListener("pointermove", (event) => {
      if (state.held || event.pointerType !== "mouse") return;
      const unit = under_(event, layer);
      if (!same(unit, state.unit)) select(unit);
    });
    area.addEventListener("click", (event) => {
      const unit = under_(event, layer);
      state.held = !(state.held && same(unit, state.unit));
      select(unit);
      say();
    });
    area.addEventListener("focus", () => {
      if (area.matches(":focus-visible") && state.unit.layer !== layer && !state.held) select({ layer, map: 0, row: size >> 1, column: size >> 1 });
    });
    onArrows(area, (down, right) => { // over the edge of a map, on to its neighbour
      const columns = layout[layer][2], { map, row, column } = state.unit.layer === layer ? state.unit : { map: 0, row: size >> 1, column: size >> 1 };
      const y = clamp(Math.floor(map / columns) * size + row + down, 0, (maps / columns) * size - 1);
      const x = clamp((map % columns) * size + column + right, 0, columns * size - 1);
      select({ layer, map: Math.floor(y / size) * columns + Math.floor(x / size), row: y % size, column: x % size });
      say();
    });
    area.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      state.held = !state.held;
      draw();
      say();
    });
  }
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(state.held || state.inking)) return;
    event.stopPropagation();
    Object.assign(state, { held: false, inking: false });
    draw();
    say();
  });

  // ---- drawing
  const set = (node, name, value) => { if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value); };
  const place = (node, [x, y, w, h]) => {
    Object.assign(node.style, { left: x == null ? "auto" : `${(100 * x) / layout.width}%`, top: `${(100 * y) / layout.height}%` });
    node.style.width = w == null ? "" : `${(100 * w) / layout.width}%`;
    node.style.height = h == null ? "" : `${(100 * h) / layout.height}%`;
  };
  function arrange() {
    const width = stage.clientWidth || 700, wide = width >= 600;
    layout = wide ? LAYOUTS.wide : LAYOUTS.narrow;
    figure.classList.toggle("mc-wide", wide);
    stage.style.aspectRatio = `${layout.width} / ${layout.height}`;
    scale = (width / layout.width) * (devicePixelRatio || 1);
    Object.assign(canvas, { width: Math.round(layout.width * scale), height: Math.round(layout.height * scale) });
    for (const svg of [under, over]) svg.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    under.innerHTML = ground(layout);
    for (const layer of layers) {
      const [x, y, w, h] = areaOf(layout, layer), { head, scaled } = heads[layer];
      place(areas[layer], [x, y, w, h]);
      place(head, wide ? [x - 12, 0, w + 24] : [0, y - 16]);
      place(scaled, wide ? [x - 12, 32 + (layer === "x" ? h : 351) + 2, w + 24] : [null, y - 16]);
      if (!wide && layer === "x") scaled.style.right = `${(100 * 202) / 330}%`;
    }
    place(controls, wide ? [0, 202, 144, 184] : [142, 0, 188, 146]);
    bars.forEach(({ row }, k) => { const [x, y, w, h] = boxOf(layout, { layer: "out", map: k }), [left, top, width_, height] = areaOf(layout, "out");
      Object.assign(row.style, { left: `${(100 * (x - left)) / width_}%`, top: `${(100 * (y - top)) / height}%`, width: `${(100 * w) / width_}%`, height: `${(100 * h) / height}%` }); });
    drawLayers();
    draw();
  }
  function verdict() {
    const best = acts.p.indexOf(Math.max(...acts.p)), truth = labels[state.chosen], read = `read as ${best} (${(100 * acts.p[best]).toFixed(0)} %)`;
    if (!state.grey.some((v) => v > 0)) return `Nothing to see, ${read}: it must answer.`;
    return truth == null ? `Your drawing, ${read}.` : `A written ${truth}, ${read}${best === truth ? "." : ": wrong."}`;
  }
  function way() { // "Moved 3 up and 1 to the left."
    const { down, right } = state, steps = [[down, "up", "down"], [right, "to the left", "to the right"]].filter(([d]) => d);
    return steps.length ? `Moved ${steps.map(([d, less, more]) => `${Math.abs(d)} ${d < 0 ? less : more}`).join(" and ")}.` : "";
  }
  function say() { live.textContent = `${nameOf(state.unit)}: ${valueText()}.${state.held ? " Held." : ""} ${verdict()} ${way()}`; }
  const valueText = () => format(acts[state.unit.layer][indexOf(state.unit)]);
  function drawLayers() { // what a new input changes
    const best = acts.p.indexOf(Math.max(...acts.p));
    painter.paint(layout, scale, { ...acts, x: state.grey }, tops);
    picks.forEach((node, k) => set(node, "aria-pressed", k === state.chosen));
    bars.forEach(({ bar, text, row }, k) => {
      const long = `${(100 * acts.p[k]).toFixed(1)}%`;
      Object.assign(bar.style, layout.across ? { width: long, height: "" } : { width: "", height: long });
      text.textContent = `${format(100 * acts.p[k], layout.across ? 1 : 0)}${layout.across ? " " : ""}%`;
      row.classList.toggle("mc-best", k === best);
    });
    for (const layer of layers.slice(0, -1)) {
      if (tops[layer] === heads[layer].top) continue;
      heads[layer].top = tops[layer];
      heads[layer].scaled.replaceChildren(scaleBar(layer === "x" ? "grey" : "plus", "0", format(tops[layer], layer === "x" ? 0 : 1)));
    }
    status.textContent = verdict();
  }
  function draw() { // what a unit, a mode, a pen change
    const { unit, mode, held } = state, parts = partsOf(net, acts, unit);
    over.innerHTML = links(layout, unit, parts);
    title.replaceChildren(`${nameOf(unit)} = `, element("strong", {}, valueText()));
    sum.replaceChildren(...sumOf(net, acts, unit, parts, { mean, std, tops, kept }));
    sum.dataset.layer = unit.layer;
    set(hold, "aria-pressed", held);
    hold.textContent = !held ? "Hold" : layout.across ? "Free (Esc)" : "Free";
    tools.forEach((node, k) => set(node, "aria-pressed", Object.keys(modes)[k] === mode));
    areas.x.dataset.mode = mode;
    Object.assign(pen.style, { top: `${(100 * state.pen[0]) / SIDE}%`, left: `${(100 * state.pen[1]) / SIDE}%` });
    pen.classList.toggle("mc-inking", state.inking);
    aside.textContent = way() || (mode === "draw" ? "Draw from rim to rim, like the others."
      : layout.across ? "Drag the digit, or draw. Point at any square; a click holds it." : "Drag or draw. Tap a square for its sum.");
    for (const layer of units) {
      const { name, relu, maps, size } = LAYERS[layer], what = `${layer === "out" ? "output" : name}${relu ? " + ReLU" : ""}`;
      const here = layer !== unit.layer ? "" : layer === "out" ? `digit ${unit.map}, score ${valueText()}, probability ${(100 * acts.p[unit.map]).toFixed(1)} %. `
        : `${nameOf(unit).split(": ")[1]}: ${valueText()}. `;
      set(areas[layer], "aria-label", `${what}: ${size > 1 ? `${maps} maps of ${size} by ${size}` : `${maps} units`}. ${here}Arrow keys choose a unit, Enter holds it.`);
    }
    set(areas.x, "aria-label", `Input of 32 by 32 pixels. ${mode === "move" ? "Arrow keys move the digit, Home puts it back, Enter takes the pen."
      : `Arrow keys move the ${mode === "draw" ? "pen" : "rubber"}, Enter ${state.inking ? "lifts" : "lowers"} it.`} ${verdict()} ${way()}`);
  }

  pick_first();
  function pick_first() {
    Object.assign(state, { sheet: digit(0), chosen: 0 });
    run();
    const loudest = acts.c3.indexOf(Math.max(...acts.c3)); // to begin with
    state.unit = { layer: "c3", map: Math.floor(loudest / 100), row: Math.floor((loudest % 100) / 10), column: loudest % 10 };
    arrange();
    new ResizeObserver(arrange).observe(stage);
  }
}
