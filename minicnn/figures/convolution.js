import { calm, clamp, css, element, format, grey, inkOn, onArrows, signed } from "./interactive.js";

const STYLE = `
.mc-conv { display: grid; gap: 1.1rem 1.6rem; container-type: inline-size; }
.mc-conv-panels { display: grid; gap: 1.1rem 1.6rem; grid-template-columns: minmax(0, 1fr); }
@container (min-width: 520px) {
  .mc-conv-panels { grid-template: "image map" auto "kernel products" auto / minmax(0, 1fr) minmax(0, 1fr); }
  .mc-conv-image { grid-area: image; } .mc-conv-map { grid-area: map; }
  .mc-conv-kernel { grid-area: kernel; } .mc-conv-products { grid-area: products; }
}
.mc-conv-image svg { cursor: grab; touch-action: pan-y; border-radius: 4px; }
.mc-conv-image svg:active { cursor: grabbing; }
.mc-conv-map svg { cursor: pointer; }
.mc-conv svg text { font: 16px system-ui, sans-serif; text-anchor: middle; pointer-events: none; user-select: none; }
.mc-conv-window { fill: none; stroke: #d55e00; stroke-width: 5; transition: transform 0.12s ease-out; pointer-events: none; }
.mc-conv-halo { fill: none; stroke: #fff; stroke-width: 9; transition: transform 0.12s ease-out; pointer-events: none; }
.mc-conv-empty { fill: var(--mc-well); stroke: var(--mc-line); }
.mc-conv-nine { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 4px; max-width: 19rem; }
.mc-conv-nine > div { padding: 0.3rem 0; border-radius: 6px; border: 1px solid var(--mc-line); text-align: center; line-height: 1.3; }
.mc-conv-nine span { display: block; font-size: 13px; }
.mc-conv-nine b { font-size: 16px; }
.mc-conv-nine.mc-conv-inputs { max-width: 12rem; margin-bottom: 0.6rem; }
.mc-conv-sum { margin: 0.5rem 0 0; font-size: 15px; min-height: 2.9em; }
.mc-conv-sum b { color: var(--mc-accent); font-size: 18px; white-space: nowrap; }
`;

export function mount(root, data) {
  const { image, presets } = data;
  const height = image.length, width = image[0].length, rows = height - 2, columns = width - 2;
  const low = Math.min(...image.flat()), span = Math.max(...image.flat()) - low || 1;
  const state = { row: 0, column: 0, kernel: data.kernel.flat(), flip: data.flip, seen: new Set(["0 0"]), timer: null };

  // ---- the arithmetic, which a test compares with minicnn's conv2d
  const weights = () => (state.flip ? [...state.kernel].reverse() : state.kernel);
  const patch = (i, j) => [0, 1, 2].flatMap((m) => image[i + m].slice(j, j + 3));
  const products = (i, j) => { const w = weights(); return patch(i, j).map((x, k) => x * w[k]); };
  const output = (i, j) => products(i, j).reduce((a, b) => a + b, 0);

  // ---- the parts
  const grid = (r, c, cell) => Array.from({ length: r }, (_, i) => Array.from({ length: c }, (_, j) => cell(i, j)));
  const square = (i, j, attributes) => element("svg.rect", { x: 40 * j, y: 40 * i, width: 40, height: 40, ...attributes });
  const label = (i, j, text, ink) => {
    const node = element("svg.text", { x: 40 * j + 20, y: 40 * i + 26, fill: ink }, text);
    if (text.length > 4) node.style.fontSize = "12.5px";
    return node;
  };
  const outline = (size) => ["mc-conv-halo", "mc-conv-window"].map((name) =>
    element("svg.rect", { class: name, x: -2, y: -2, width: 40 * size + 4, height: 40 * size + 4, rx: 4 })); // outside: covers no number
  const frame = (r, c, attributes, ...children) =>
    element("svg.svg", { viewBox: `-5 -5 ${40 * c + 10} ${40 * r + 10}`, ...attributes }, ...children);

  const imageBox = outline(3), mapBox = outline(1), mapCells = element("svg.g");
  const picture = frame(height, width, { role: "application", tabindex: 0, "aria-roledescription": "movable kernel" },
    grid(height, width, (i, j) => {
      const fill = grey((image[i][j] - low) / span);
      return [square(i, j, { fill: css(fill), stroke: "#8a929c" }), label(i, j, format(image[i][j]), inkOn(fill))];
    }).flat(2), imageBox);
  const map = frame(rows, columns, { role: "img" }, mapCells, mapBox);
  map.style.width = `${(100 * (40 * columns + 10)) / (40 * width + 10)}%`;
  const nine = element("div", { class: "mc-conv-nine" });
  const where = element("p", { class: "mc-title" });
  const sum = element("p", { class: "mc-conv-sum" });
  const live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const inputs = state.kernel.map((_, k) => element("input", { class: "mc-input", type: "text", autocomplete: "off", spellcheck: "false",
    "aria-label": `kernel, row ${Math.floor(k / 3)}, column ${k % 3}`, oninput: () => edit(k) }));
  const flip = element("input", { type: "checkbox", onchange: () => { state.flip = flip.checked; draw(); } });
  flip.checked = state.flip;
  const buttons = Object.keys(presets).map((name) => element("button", { class: "mc-button", type: "button", onclick: () => {
    state.kernel = presets[name].flat();
    write();
    draw();
  } }, name));
  const play = element("button", { class: "mc-button", type: "button", onclick: () => (state.timer ? stop() : start()) }, "Play");

  // ---- what the reader does
  function move(row, column) {
    state.row = clamp(row, 0, rows - 1);
    state.column = clamp(column, 0, columns - 1);
    state.seen.add(`${state.row} ${state.column}`);
    draw();
  }
  function edit(k) {
    const value = parse(inputs[k].value);
    inputs[k].setAttribute("aria-invalid", value === null);
    if (value === null) return;
    state.kernel = state.kernel.map((w, n) => (n === k ? value : w));
    draw();
  }
  function write() {
    inputs.forEach((input, k) => { input.value = fraction(state.kernel[k]); input.removeAttribute("aria-invalid"); });
  }
  function fill() {
    grid(rows, columns, (i, j) => state.seen.add(`${i} ${j}`));
    draw();
  }
  function start() {
    if (calm()) return fill();
    state.seen.clear();
    move(0, 0);
    play.textContent = "Pause";
    state.timer = setInterval(() => {
      const next = state.row * columns + state.column + 1;
      if (next >= rows * columns || !root.isConnected) stop();
      else move(Math.floor(next / columns), next % columns);
    }, 170);
  }
  function stop() {
    clearInterval(state.timer);
    state.timer = null;
    play.textContent = "Play";
  }
  function pointAt(svg, reach) {
    const at = (event) => {
      const box = svg.getBoundingClientRect(), unit = box.width / svg.viewBox.baseVal.width; // 40 units a cell, 5 of margin
      stop();
      move(...[event.clientY - box.top, event.clientX - box.left].map((d) => Math.floor((d / unit - 5) / 40) - reach));
    };
    svg.addEventListener("pointerdown", at);
    svg.addEventListener("pointermove", (event) => { if (event.buttons) at(event); });
  }
  pointAt(picture, 1);
  pointAt(map, 0);
  onArrows(picture, (down, right) => { stop(); move(state.row + down, state.column + right); });

  // ---- what the reader sees
  function draw() {
    const { row, column } = state, values = products(row, column), pixels = patch(row, column), w = weights();
    const largest = Math.max(...grid(rows, columns, (i, j) => Math.abs(output(i, j))).flat()) || 1;
    imageBox.concat(mapBox).forEach((box) => { box.style.transform = `translate(${40 * column}px, ${40 * row}px)`; });
    mapCells.replaceChildren(...grid(rows, columns, (i, j) => {
      if (!state.seen.has(`${i} ${j}`)) return [square(i, j, { class: "mc-conv-empty" })];
      const fill = signed(output(i, j) / largest);
      return [square(i, j, { fill: css(fill), stroke: "#8a929c" }), label(i, j, format(output(i, j), 1), inkOn(fill))];
    }).flat(2));
    const reach = Math.max(...values.map(Math.abs)) || 1;
    nine.replaceChildren(...values.map((value, k) => {
      const fill = signed((0.75 * value) / reach), cell = element("div", {},
        element("span", {}, `${format(pixels[k])} × ${bracket(fraction(w[k]))}`), element("b", {}, `= ${format(value)}`));
      cell.style.cssText = `background: ${css(fill)}; color: ${inkOn(fill)}`;
      return cell;
    }));
    where.replaceChildren("Nine products ", element("small", {}, `at i = ${row}, j = ${column}`));
    sum.replaceChildren(values.map((value) => bracket(format(value))).join(" + ") + " ", element("b", {}, `= ${format(output(row, column))}`));
    if (!state.timer) live.textContent = `Row ${row}, column ${column}: the sum is ${format(output(row, column))}.`;
    picture.setAttribute("aria-label", `Image of ${height} by ${width} pixels. Arrow keys move the kernel, now at row ${row}, column ${column}.`);
    map.setAttribute("aria-label", `Feature map, ${rows} by ${columns}; ${state.seen.size} of ${rows * columns} numbers filled in.`);
    buttons.forEach((button) => button.setAttribute("aria-pressed",
      presets[button.textContent].flat().every((value, k) => Math.abs(value - state.kernel[k]) < 1e-5)));
  }

  const panel = (name, title, small, ...children) => element("div", { class: name },
    ...(title ? [element("p", { class: "mc-title" }, title + " ", element("small", {}, small))] : []), ...children);
  root.append(element("style", {}, STYLE), element("div", { class: "mc-conv" },
    element("div", { class: "mc-conv-panels" },
      panel("mc-conv-image", "Image", "drag the window, or use arrow keys", picture),
      panel("mc-conv-products", "", "", where, nine, sum),
      panel("mc-conv-map", "Feature map", "fills in as you visit", map,
        element("div", { class: "mc-row", style: "margin-top: 0.6rem" }, play,
          element("button", { class: "mc-button", type: "button", onclick: () => { stop(); fill(); } }, "Fill all"),
          element("button", { class: "mc-button", type: "button", onclick: () => { stop(); state.seen.clear(); move(state.row, state.column); } }, "Clear"))),
      panel("mc-conv-kernel", "Kernel", "type your own numbers",
        element("div", { class: "mc-conv-nine mc-conv-inputs" }, ...inputs),
        element("div", { class: "mc-row", role: "group", "aria-label": "Ready-made kernels" }, ...buttons),
        element("label", {}, flip, "flip the kernel (true convolution)"))), live));
  write();
  draw();
}

/** "2", "-0.5", "1/9" → a number; anything else → null. */
function parse(text) {
  const match = text.replace("\u2212", "-").match(/^\s*([+-]?\d*\.?\d+)\s*(?:\/\s*(\d*\.?\d+))?\s*$/);
  const value = match ? match[1] / (match[2] ?? 1) : NaN;
  return Number.isFinite(value) ? value : null;
}

const fraction = (w) => (Math.abs(w - 1 / 9) < 1e-5 ? "1/9" : format(w, 3));
const bracket = (text) => (text.startsWith("\u2212") ? `(${text})` : text);
