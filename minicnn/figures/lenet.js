// LeNet-5 in the page: move or draw a digit, point at a unit, hold it with a click.

import { clamp, element, format, onArrows } from "./interactive.js";
import { LAYOUTS, Painter, areaOf, boxOf, ground, links, unitAt } from "./lenet_drawing.js";
import { LAYERS, forward, indexOf, levels, partsOf, readWeights } from "./lenet_network.js";
import { SIDE, Sheet } from "./lenet_sheet.js";
import { STYLE } from "./lenet_style.js";
import { nameOf, scaleBar, sumOf } from "./lenet_sums.js";

const ALL = Object.keys(LAYERS), UNITS = ALL.slice(1);
const MODES = { move: "Move", draw: "Draw", erase: "Erase" };
const HINTS = {
  wide: "Drag the digit, or draw. Point at any square; a click holds it.",
  narrow: "Drag or draw. Tap a square for its sum.",
  draw: "Draw from rim to rim, like the others.",
};

export function mount(root, data) {
  const { labels, mean, std } = data, net = readWeights(data.layers);
  const sheet = new Sheet(levels(data.pixels).map((level) => level / 90));
  const state = { mode: "move", pen: [16, 16], inking: false, unit: null, held: false };
  const tops = Object.fromEntries(ALL.map((layer) => [layer, layer === "x" ? 1 : 0])), kept = {};
  let acts, pixels, layout, scale = 1;

  function run() {
    pixels = sheet.pixels;
    acts = forward(net, pixels.map((v) => (v - mean) / std));
    for (const layer of UNITS) tops[layer] = acts[layer].reduce((p, q) => (q > p ? q : p), tops[layer]);
  }
  function change(what) { what(); run(); drawLayers(); draw(); }
  const setMode = (mode) => Object.assign(state, { mode, inking: false });

  // ---- the parts
  const button = (text, onclick, more = {}) => element("button", { class: "mc-button", type: "button", onclick, ...more }, text);
  const picks = labels.map((label, k) => {
    const thumb = element("canvas", { width: SIDE, height: SIDE }), image = new ImageData(SIDE, SIDE);
    sheet.digit(k).forEach((v, p) => image.data.set([255 * v, 255 * v, 255 * v, 255], 4 * p));
    thumb.getContext("2d").putImageData(image, 0, 0);
    const pick = () => change(() => { sheet.pick(k); setMode("move"); });
    return element("button", { type: "button", "aria-label": `digit ${k + 1} of ${labels.length}, a ${label}`, onclick: pick }, thumb);
  });
  const tools = Object.entries(MODES).map(([mode, text]) => button(text, () => { setMode(mode); draw(); }));
  const clear = button("Clear", () => change(() => { sheet.clear(); setMode("draw"); }));
  const arrows = [["\u2190", "left", 0, -1], ["\u2191", "up", -1, 0], ["\u2193", "down", 1, 0], ["\u2192", "right", 0, 1]].map(
    ([text, name, i, j]) => button(text, () => change(() => sheet.move(i, j)), { "aria-label": `move the digit ${name}` }));
  const controls = element("div", { class: "mc-controls" },
    element("div", { class: "mc-picks", role: "group", "aria-label": "Digits" }, ...picks),
    element("div", { class: "mc-tools", role: "group", "aria-label": "What dragging does" }, ...tools, clear),
    element("div", { class: "mc-arrows", role: "group", "aria-label": "Move the digit" }, ...arrows));
  const canvas = element("canvas", { "aria-hidden": "true" }), painter = new Painter(canvas);
  const [under, over] = ["under", "over"].map((name) => element("svg.svg", { class: `mc-${name}`, "aria-hidden": "true" }));
  const bars = Array.from(net.fc3.b, (_, k) => {
    const bar = element("i"), text = element("em");
    return { bar, text, row: element("div", { class: "mc-bar" }, element("span", {}, String(k)), text, element("u", {}, bar)) };
  });
  const pen = element("span", { class: "mc-pen", "aria-hidden": "true" });
  const areas = Object.fromEntries(ALL.map((layer) => [layer, element("div", {
    class: `mc-area mc-area-${layer}`, role: "application", tabindex: 0,
    "aria-roledescription": layer === "x" ? "picture to move or to draw on" : "feature maps",
  }, ...(layer === "x" ? [pen] : layer === "out" ? bars.map(({ row }) => row) : []))]));
  const heads = Object.fromEntries(ALL.map((layer) => {
    const { name, maps, size } = LAYERS[layer], shape = size > 1 ? `${maps}\u00d7${size}\u00d7${size}` : String(maps);
    const head = element("div", { class: "mc-head" }, element("b", {}, layer === "out" ? "output" : name), " ", element("small", {}, shape));
    return [layer, { head, scaled: element("span") }];
  }));
  const status = element("b"), aside = element("span"), title = element("p", { class: "mc-title" }), sum = element("div", { class: "mc-sum" });
  const hold = button("", () => { state.held = !state.held; draw(); }), live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const stage = element("div", { class: "mc-stage" }, under, canvas, over, ...Object.values(heads).flatMap(({ head, scaled }) => [head, scaled]),
    areas.x, controls, ...UNITS.map((layer) => areas[layer]));
  const figure = element("div", { class: "mc-lenet" }, element("p", { class: "mc-say" }, status, aside), stage,
    element("div", { class: "mc-why" }, element("div", { class: "mc-row" }, title, hold), sum), live);
  root.append(element("style", {}, STYLE), figure);

  // ---- the digit: dragged or drawn by pointer, by keys
  const pointOf = (event, layer) => { // in the layout's units, from the corner of the layer
    const box = areas[layer].getBoundingClientRect(), [, , width, height] = areaOf(layout, layer);
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  const pixelOf = (event) => pointOf(event, "x").reverse().map((d) => d / layout.x[3]); // [y, x]
  const ink = (from, to) => change(() => sheet.stroke(from, to, state.mode === "erase"));
  let grip = null; // where the pointer took the picture, or last left ink
  areas.x.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    areas.x.setPointerCapture(event.pointerId);
    grip = pixelOf(event);
    if (state.mode !== "move") ink(grip, grip);
  });
  areas.x.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const from = grip, to = pixelOf(event), [down, right] = to.map((d, k) => Math.round(d - from[k]));
    if (state.mode !== "move") {
      grip = to;
      ink(from, to);
    } else if (down || right) {
      grip = [from[0] + down, from[1] + right];
      change(() => sheet.move(down, right));
    }
  });
  for (const type of ["pointerup", "pointercancel"]) areas.x.addEventListener(type, () => { grip = null; say(); });
  onArrows(areas.x, (down, right) => {
    const from = state.pen;
    if (state.mode === "move") change(() => sheet.move(down, right));
    else {
      state.pen = [from[0] + down, from[1] + right].map((d) => clamp(d, 0, SIDE));
      state.inking ? ink(from, state.pen) : draw();
    }
    say();
  });
  onEnter(areas.x, () => {
    if (state.mode === "move") setMode("draw");
    else state.inking = !state.inking;
    state.inking ? ink(state.pen, state.pen) : draw();
  });

  // ---- units: pointing shows, a click holds, Escape frees
  function select(unit) { state.unit = unit; draw(); }
  const same = (a, b) => a.layer === b.layer && indexOf(a) === indexOf(b);
  for (const layer of UNITS) {
    const area = areas[layer], { maps, size } = LAYERS[layer], first = { layer, map: 0, row: size >> 1, column: size >> 1 };
    const pointed = (event) => unitAt(layout, layer, ...pointOf(event, layer));
    area.addEventListener("pointermove", (event) => {
      if (state.held || event.pointerType !== "mouse" || same(pointed(event), state.unit)) return;
      select(pointed(event));
    });
    area.addEventListener("click", (event) => {
      state.held = !(state.held && same(pointed(event), state.unit));
      select(pointed(event));
      say();
    });
    area.addEventListener("focus", () => {
      if (area.matches(":focus-visible") && state.unit.layer !== layer && !state.held) select(first);
    });
    onArrows(area, (down, right) => { // over the edge of a map, on to its neighbour
      const columns = layout[layer][2], { map, row, column } = state.unit.layer === layer ? state.unit : first;
      const y = clamp(Math.floor(map / columns) * size + row + down, 0, (maps / columns) * size - 1);
      const x = clamp((map % columns) * size + column + right, 0, columns * size - 1);
      select({ layer, map: Math.floor(y / size) * columns + Math.floor(x / size), row: y % size, column: x % size });
      say();
    });
    onEnter(area, () => { state.held = !state.held; draw(); });
  }
  function onEnter(area, act) {
    area.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      act();
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

  // ---- words
  const best = () => acts.p.indexOf(Math.max(...acts.p));
  const valueText = () => format(acts[state.unit.layer][indexOf(state.unit)]);
  function verdict() {
    const truth = labels[sheet.chosen], read = `read as ${best()} (${(100 * acts.p[best()]).toFixed(0)} %)`;
    if (!pixels.some((v) => v > 0)) return `Nothing to see, ${read}: it must answer.`;
    return truth == null ? `Your drawing, ${read}.` : `A written ${truth}, ${read}${best() === truth ? "." : ": wrong."}`;
  }
  function say() { live.textContent = `${nameOf(state.unit)}: ${valueText()}.${state.held ? " Held." : ""} ${verdict()} ${sheet.way}`; }
  function labelOf(layer) {
    if (layer === "x") {
      const keys = state.mode === "move" ? "Arrow keys move the digit, Home puts it back, Enter takes the pen."
        : `Arrow keys move the ${state.mode === "draw" ? "pen" : "rubber"}, Enter ${state.inking ? "lifts" : "lowers"} it.`;
      return `Input of 32 by 32 pixels. ${keys} ${verdict()} ${sheet.way}`;
    }
    const { name, relu, maps, size } = LAYERS[layer], { map } = state.unit;
    const what = `${layer === "out" ? "output" : name}${relu ? " + ReLU" : ""}: ${size > 1 ? `${maps} maps of ${size} by ${size}` : `${maps} units`}.`;
    const here = layer !== state.unit.layer ? "" : layer === "out" ? ` digit ${map}, probability ${(100 * acts.p[map]).toFixed(1)} %, score: ${valueText()}.`
      : ` ${nameOf(state.unit).split(": ")[1]}: ${valueText()}.`;
    return `${what}${here} Arrow keys choose a unit, Enter holds it.`;
  }

  // ---- drawing
  const set = (node, name, value) => { if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value); };
  function place(node, [x, y, width, height], [left, top, wide, high] = [0, 0, layout.width, layout.height]) {
    const share = (part, whole) => (part == null ? "" : `${(100 * part) / whole}%`);
    Object.assign(node.style, { left: share(x, 1) && share(x - left, wide), top: share(y - top, high), width: share(width, wide), height: share(height, high) });
  }
  function arrange() { // where things stand
    const width = stage.clientWidth || 700, wide = width >= 600;
    layout = wide ? LAYOUTS.wide : LAYOUTS.narrow;
    figure.classList.toggle("mc-wide", wide);
    stage.style.aspectRatio = `${layout.width} / ${layout.height}`;
    scale = (width / layout.width) * (devicePixelRatio || 1);
    Object.assign(canvas, { width: Math.round(layout.width * scale), height: Math.round(layout.height * scale) });
    for (const svg of [under, over]) svg.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    under.innerHTML = ground(layout);
    for (const layer of ALL) {
      const [x, y, w, h] = areaOf(layout, layer), { head, scaled } = heads[layer];
      place(areas[layer], [x, y, w, h]);
      place(head, wide ? [x - 12, 0, w + 24] : [0, y - 15.5]);
      place(scaled, wide ? [x - 12, (layer === "x" ? y + h : 383) + 2, w + 24] : layer === "x" ? [0, y - 16, w] : [null, y - 16]);
    }
    place(controls, wide ? [0, 202, 144, 184] : [142, 0, 188, 146]);
    bars.forEach(({ row }, map) => place(row, boxOf(layout, { layer: "out", map }), areaOf(layout, "out")));
    drawLayers();
    draw();
  }
  function drawLayers() { // what another input changes
    painter.paint(layout, scale, { ...acts, x: pixels }, tops);
    picks.forEach((node, k) => set(node, "aria-pressed", k === sheet.chosen));
    bars.forEach(({ bar, text, row }, k) => {
      const share = 100 * acts.p[k], long = `${share.toFixed(1)}%`;
      Object.assign(bar.style, layout.across ? { width: long, height: "" } : { width: "", height: long });
      text.textContent = layout.across ? `${format(share, 1)} %` : `${format(share, 0)}%`;
      row.classList.toggle("mc-best", k === best());
    });
    for (const layer of ALL.slice(0, -1)) {
      if (tops[layer] === heads[layer].top) continue;
      heads[layer].top = tops[layer];
      heads[layer].scaled.replaceChildren(scaleBar(layer === "x" ? "grey" : "plus", "0", format(tops[layer], 1)));
    }
    status.textContent = verdict();
  }
  function draw() { // what another unit changes, a mode, the pen
    const { unit, mode, held } = state, parts = partsOf(net, acts, unit);
    over.innerHTML = links(layout, unit, parts);
    title.replaceChildren(`${nameOf(unit)} = `, element("strong", {}, valueText()));
    sum.replaceChildren(...sumOf(net, acts, unit, parts, { mean, std, tops, kept }));
    sum.dataset.layer = unit.layer;
    set(hold, "aria-pressed", held);
    hold.textContent = !held ? "Hold" : layout.across ? "Free (Esc)" : "Free";
    tools.forEach((node, k) => set(node, "aria-pressed", Object.keys(MODES)[k] === mode));
    areas.x.dataset.mode = mode;
    place(pen, [state.pen[1], state.pen[0]], [0, 0, SIDE, SIDE]);
    pen.classList.toggle("mc-inking", state.inking);
    aside.textContent = sheet.way || (mode === "draw" ? HINTS.draw : layout.across ? HINTS.wide : HINTS.narrow);
    for (const layer of ALL) set(areas[layer], "aria-label", labelOf(layer));
  }

  labels.forEach((_, k) => { sheet.pick(k); run(); }); // scales that hold for all digits do not flicker
  sheet.pick(0);
  run();
  const loudest = acts.c3.indexOf(Math.max(...acts.c3)); // to begin with
  state.unit = { layer: "c3", map: Math.floor(loudest / 100), row: Math.floor((loudest % 100) / 10), column: loudest % 10 };
  arrange();
  new ResizeObserver(arrange).observe(stage);
}
