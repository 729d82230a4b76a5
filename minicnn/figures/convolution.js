import { calm, clamp, css, element, format, grey, inkOn, numberField, onArrows, onDrag, player, signed } from "./interactive.js";
import { brightness, openPicture } from "./convolution_picture.js";

const STYLE = `
.mc-conv { container: conv / inline-size; }
.mc-conv-panels { --board: 100%; display: grid; gap: 1.1rem 1.6rem; grid-template-columns: minmax(0, 1fr); }
.mc-conv-slices { display: contents; }
.mc-conv-slices > p { grid-column: 1 / -1; margin: 0; }
.mc-conv-colour .mc-conv-slices { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem 0.9rem; }
@container conv (min-width: 520px) {
  .mc-conv-panels { --board: 18.6rem; grid-template: "image map" auto "kernel products" auto / minmax(0, 1fr) minmax(0, 1fr); }
  .mc-conv-colour .mc-conv-panels { grid-template: "slices slices" auto "map words" auto / minmax(0, 1fr) minmax(0, 1fr); }
  .mc-conv-image { grid-area: image; } .mc-conv-map { grid-area: map; }
  .mc-conv-kernel { grid-area: kernel; } .mc-conv-products { grid-area: products; }
  .mc-conv-colour .mc-conv-slices { grid-area: slices; gap: 0.5rem 1.6rem; }
  .mc-conv-colour .mc-conv-slice { --board: 100%; grid-area: auto; } .mc-conv-colour .mc-conv-words { grid-area: words; }
}
.mc-conv svg { forced-color-adjust: none; }
.mc-conv-image svg { max-width: var(--board); cursor: grab; touch-action: pan-y; border-radius: 4px; }
.mc-conv-image svg:active { cursor: grabbing; }
.mc-conv-painting .mc-conv-image svg { max-width: var(--board); cursor: crosshair; touch-action: none; }
.mc-conv-map svg { cursor: pointer; }
.mc-conv svg text { font-size: 16px; text-anchor: middle; pointer-events: none; user-select: none; }
.mc-conv-window { fill: none; stroke: #d55e00; stroke-width: 5; }
.mc-conv-halo { fill: none; stroke: #fff; stroke-width: 9; }
.mc-conv-window, .mc-conv-halo { transition: transform 0.12s ease-out; pointer-events: none; }
.mc-conv-brush { fill: none; stroke: #0072b2; stroke-width: 5; visibility: hidden; pointer-events: none; }
.mc-conv-painting .mc-conv-brush { visibility: visible; }
.mc-conv-empty { fill: var(--mc-well); stroke: var(--mc-line); }
.mc-conv-zero { fill: var(--mc-well); stroke: var(--mc-control); stroke-dasharray: 4 4; }
.mc-conv-nine { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 4px; max-width: 19rem; container-type: inline-size; }
.mc-conv-nine > div { padding: 0.3rem 0; border-radius: 6px; border: 1px solid var(--mc-line); text-align: center; line-height: 1.3; }
.mc-conv-nine span { display: block; }
.mc-conv-nine :is(span, b) { white-space: nowrap; font-size: min(var(--most, 16px), 48cqw / var(--length)); } .mc-conv-nine span { --most: 13px; }
.mc-conv-nine .mc-input { font-size: min(16px, 48cqw / (1 + var(--length))); }
.mc-conv b::before { content: "= "; font-weight: 400; }
.mc-conv-inputs { max-width: 12rem; margin-bottom: 0.6rem; }
.mc-conv-set { gap: 0.4rem 1.2rem; margin-top: 0.5rem; font-size: 14px; } .mc-conv-set .mc-button { padding: 0; min-width: 34px; }
.mc-conv-sum { margin: 0.5rem 0 0; font-size: 15px; min-height: 2.9em; }
.mc-conv-sum b { color: var(--mc-accent); font-size: 18px; white-space: nowrap; }
.mc-conv-own { margin-top: 0.6rem; font-size: 14px; }
.mc-conv-own summary { cursor: pointer; min-height: 30px; }
.mc-conv-own input[type="range"] { width: 7rem; } .mc-conv-own input[type="color"] { width: 44px; height: 34px; padding: 2px; }
.mc-conv-file:focus-within { outline: 3px solid var(--mc-focus); outline-offset: 2px; }
.mc-conv-colour .mc-conv-nine, .mc-conv-colour .mc-conv-inputs { max-width: none; margin: 0.5rem 0; }
.mc-conv-colour .mc-conv-sum { min-height: 0; } .mc-conv-colour .mc-conv-total { margin-bottom: 0.6rem; }
@container conv (max-width: 520px) { /* too small for numbers: the products below tell them */
  .mc-conv-colour .mc-conv-image text, .mc-conv-colour .mc-conv-nine span { display: none; }
  .mc-conv-colour .mc-conv-nine b::before { content: none; }
}
`;
const SLICES = ["Red", "Green", "Blue"];

export function mount(root, data) {
  const { presets } = data, height = data.image[0].length, width = data.image[0][0].length;
  const numbers = data.image.flat(2), low = Math.min(0, ...numbers), high = Math.max(...numbers), top = high > low ? high : low + 1;
  const step = top - low >= 4 ? 1 : (top - low) / 16; // of a painted number
  const state = { image: data.image, kernel: data.kernel.map((k) => k.flat()), flip: data.flip, padding: data.padding, stride: data.stride,
    row: 0, column: 0, seen: new Set(["0 0"]), paint: false, at: [0, 0] };

  // ---- the arithmetic, which a test compares with minicnn's conv2d
  const places = (n) => Math.floor((n + 2 * state.padding - 3) / state.stride) + 1;
  const pixel = (c, i, j) => state.image[c][i - state.padding]?.[j - state.padding] ?? 0; // of the padded image
  const weights = (c) => (state.flip ? [...state.kernel[c]].reverse() : state.kernel[c]);
  const nine = (f) => [0, 1, 2].flatMap((u) => [0, 1, 2].map((v) => f(u, v)));
  const patch = (c, i, j) => nine((u, v) => pixel(c, state.stride * i + u, state.stride * j + v));
  const products = (c, i, j) => { const w = weights(c); return patch(c, i, j).map((x, k) => x * w[k]); };
  const add = (terms) => terms.reduce((a, b) => a + b, 0);
  const output = (i, j) => add(state.image.map((_, c) => add(products(c, i, j))));

  // ---- the parts
  const colour = state.image.length === 3, channels = state.image.map((_, c) => c);
  const shade = (c, x) => { const t = grey((x - low) / (top - low)); return colour ? t.map((v, k) => (k === c ? v : 0)) : t; };
  const grid = (r, c, cell) => Array.from({ length: r }, (_, i) => Array.from({ length: c }, (_, j) => cell(i, j))).flat(2);
  const square = (i, j, attributes) => element("svg.rect", { x: 40 * j, y: 40 * i, width: 40, height: 40, ...attributes });
  const label = (i, j, text, ink) => {
    const node = element("svg.text", { x: 40 * j + 20, y: 40 * i + 26 }, text);
    node.style.cssText = `fill: ${ink}; font-size: ${Math.min(16, 56 / text.length)}px`;
    return node;
  };
  const sized = (name, text, more = 0) => element(name, { style: `--length: ${text.length + more}` }, text); // the style makes it fit
  const outline = (size, ...names) => names.map((name) => // outside: covers no number
    element("svg.rect", { class: name, x: -2, y: -2, width: 40 * size + 4, height: 40 * size + 4, rx: 4 }));
  const board = (attributes, boxes) => {
    const cells = element("svg.g");
    return { cells, boxes, svg: element("svg.svg", attributes, cells, boxes) };
  };
  const span = (node, r, c) => node.setAttribute("viewBox", `-5 -5 ${40 * c + 10} ${40 * r + 10}`);
  const button = (text, onclick, attributes = {}) => element("button", { class: "mc-button", type: "button", onclick, ...attributes }, text);

  const slices = channels.map((c) => board({ role: c ? "img" : "application", tabindex: c ? null : 0,
    "aria-roledescription": c ? null : "movable kernel" }, outline(3, "mc-conv-halo", "mc-conv-window").concat(outline(1, "mc-conv-brush"))));
  const map = board({ role: "img" }, outline(1, "mc-conv-halo", "mc-conv-window"));
  const shown = channels.map(() => element("div", { class: "mc-conv-nine" }));
  const partial = channels.map(() => element("p", { class: "mc-conv-sum" }));
  const where = element("p", { class: "mc-title" }), sum = element("p", { class: "mc-conv-sum mc-conv-total" });
  const live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const words = element("p", { class: "mc-words", role: "status" });
  const say = (text) => { if (words.textContent !== text) words.textContent = text; };
  const fields = channels.map((c) => state.kernel[c].map((value, k) => numberField({ value, low: -99, high: 99, what: "a weight",
    label: `${colour ? `${SLICES[c].toLowerCase()} ` : ""}kernel, row ${Math.floor(k / 3)}, column ${k % 3}`, write: fraction,
    take: (x) => { state.kernel[c] = state.kernel[c].map((w, n) => (n === k ? x : w)); draw(); },
    refuse: (text) => { say(text); press(); } })));
  const flip = element("input", { type: "checkbox", onchange: () => { state.flip = flip.checked; draw(); } });
  flip.checked = state.flip;
  const buttons = Object.keys(presets).map((name) => button(name, () => {
    state.kernel = channels.map(() => presets[name].flat());
    fields.forEach((row) => row.forEach((field, k) => field.set(presets[name].flat()[k])));
    say("");
    draw();
  }));
  const settings = [];
  const setting = (name, key, values) => element("div", { class: "mc-row", role: "group", "aria-label": name }, name, values.map((value) => {
    const node = button(String(value), () => { state[key] = value; resize(); });
    settings.push([node, key, value]);
    return node;
  }));

  // ---- what the reader does with the window
  function move(row, column) {
    state.row = clamp(row, 0, places(height) - 1);
    state.column = clamp(column, 0, places(width) - 1);
    state.seen.add(`${state.row} ${state.column}`);
    draw();
  }
  function resize() {
    film.stop();
    state.seen.clear();
    drawPicture();
    move(state.row, state.column);
  }
  function fill() {
    grid(places(height), places(width), (i, j) => state.seen.add(`${i} ${j}`));
    draw();
  }
  const film = player(root, () => {
    const columns = places(width), last = places(height) * columns - 1, now = state.row * columns + state.column;
    if (calm()) return fill(), false;
    if (now === last) state.seen.clear();
    const next = now === last ? 0 : now + 1;
    move(Math.floor(next / columns), next % columns);
    return next < last;
  }, 170);

  /** Where the pointer is, in squares from the top left corner of the board. */
  function place(svg, event) {
    const box = svg.getBoundingClientRect(), unit = box.width / svg.viewBox.baseVal.width; // 40 units a square, 5 of margin
    return [event.clientY - box.top, event.clientX - box.left].map((d) => (d / unit - 5) / 40);
  }
  slices.forEach(({ svg }) => {
    let held; // where in the window it was taken
    const corner = () => [state.stride * state.row, state.stride * state.column];
    const inside = (event) => place(svg, event).every((d, k) => d >= corner()[k] && d <= corner()[k] + 3);
    const drag = (event) => {
      const [row, column] = place(svg, event);
      if (state.paint) paint(Math.floor(row) - state.padding, Math.floor(column) - state.padding);
      else move(Math.round((row - held[0]) / state.stride), Math.round((column - held[1]) / state.stride));
    };
    onDrag(svg, (event) => {
      film.stop();
      held = inside(event) ? place(svg, event).map((d, k) => d - corner()[k]) : [1.5, 1.5];
      drag(event);
    }, drag);
    svg.addEventListener("touchstart", (event) => { if (inside(event.touches[0])) event.preventDefault(); }, { passive: false }); // no scrolling
  });
  const visit = (event) => { film.stop(); move(...place(map.svg, event).map(Math.floor)); };
  onDrag(map.svg, visit, visit);
  onArrows(slices[0].svg, (down, right) => {
    film.stop();
    if (!state.paint) return move(state.row + down, state.column + right);
    state.at = [clamp(state.at[0] + down, 0, height - 1), clamp(state.at[1] + right, 0, width - 1)];
    draw();
  });
  slices[0].svg.addEventListener("keydown", (event) => {
    if (!state.paint || ![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    paint(...state.at);
  });

  // ---- a picture of one's own
  const round = (x) => Number((Math.round(x / step) * step).toFixed(3));
  const level = element("input", { type: "range", min: low, max: top, step, "aria-label": "brightness of the brush", oninput: () => draw() });
  const tint = element("input", { type: "color", value: "#ffffff", "aria-label": "colour of the brush" });
  level.value = top;
  const brush = element("span");
  const ink = () => (colour ? [1, 3, 5].map((k) => round(low + ((top - low) * parseInt(tint.value.slice(k, k + 2), 16)) / 255)) : [Number(level.value)]);
  function paint(row, column) {
    if (state.image[0][row]?.[column] === undefined) return;
    state.at = [row, column];
    const values = ink();
    show(state.image.map((slice, c) => slice.map((line, i) => line.map((x, j) => (i === row && j === column ? values[c] : x)))));
  }
  function show(image) {
    state.image = image;
    drawPicture();
    draw();
  }
  async function open(file) {
    try {
      const cells = await openPicture(file, height, width);
      const value = (c, cell) => round(low + (top - low) * (colour ? cell[c] : brightness(cell)));
      show(channels.map((c) => cells.map((line) => line.map((cell) => value(c, cell)))));
      say("");
    } catch {
      say(`\u201c${file.name}\u201d is refused: it is no picture that this browser can read, such as a PNG or a JPEG. The image stays as it is.`);
    }
  }
  const file = element("input", { class: "mc-hidden", type: "file", accept: "image/*", onchange: () => {
    if (file.files.length) open(file.files[0]);
    file.value = "";
  } });
  const painting = button("Paint", () => { state.paint = !state.paint; film.stop(); draw(); });
  const own = element("details", { class: "mc-conv-own" }, element("summary", {}, "Your own picture"),
    element("div", { class: "mc-row" }, painting, colour ? tint : [level, brush],
      button("Empty", () => show(state.image.map((slice) => slice.map((line) => line.map(() => low))))),
      button("As before", () => { show(data.image); say(""); }),
      element("label", { class: "mc-button mc-conv-file" }, file, "Open a file\u2026")),
    element("p", { class: "mc-note" }, `Paint with the pointer, or with arrow keys and Space. Of a file, the middle is reduced to ${height} × ${width} `
      + `${colour ? "colours" : "greys"}; it does not leave your computer.`));

  // ---- what the reader sees
  function drawPicture() {
    const { padding } = state, r = height + 2 * padding, c = width + 2 * padding;
    slices.forEach(({ svg, cells }, n) => {
      span(svg, r, c);
      cells.replaceChildren(...grid(r, c, (i, j) => {
        if (state.image[n][i - padding]?.[j - padding] === undefined) return [square(i, j, { class: "mc-conv-zero" }), label(i, j, "0", "var(--mc-soft)")];
        const x = pixel(n, i, j), fill = shade(n, x);
        return [square(i, j, { fill: css(fill), stroke: "#8a929c" }), label(i, j, format(x), inkOn(fill))];
      }));
    });
    span(map.svg, places(height), places(width));
    map.svg.style.width = `calc(var(--board) * ${Math.min(1, (40 * places(width) + 10) / (40 * c + 10)).toFixed(3)})`;
  }
  function press() {
    buttons.forEach((node) => node.setAttribute("aria-pressed", channels.every((c) => presets[node.textContent].flat()
      .every((value, k) => Math.abs(value - state.kernel[c][k]) < 1e-5 && fields[c][k].valid()))));
  }
  function drawNine(c, reach) {
    const { row, column } = state, pixels = patch(c, row, column), w = weights(c), values = products(c, row, column);
    shown[c].replaceChildren(...values.map((value, k) => {
      const fill = signed((0.75 * value) / reach), cell = element("div", {},
        sized("span", `${bracket(format(pixels[k]))} × ${bracket(fraction(w[k]))}`), sized("b", format(value), 2));
      cell.style.cssText = `background: ${css(fill)}; color: ${inkOn(fill)}`;
      return cell;
    }));
    const total = element("b", {}, format(add(values)));
    if (colour) partial[c].replaceChildren(total);
  }
  function draw() {
    const { row, column, stride, padding, at } = state, rows = places(height), columns = places(width);
    const largest = Math.max(...grid(rows, columns, (i, j) => [Math.abs(output(i, j))])) || 1;
    const shift = (box, i, j) => { box.style.transform = `translate(${40 * j}px, ${40 * i}px)`; };
    slices.forEach(({ boxes }) => {
      boxes.slice(0, 2).forEach((box) => shift(box, stride * row, stride * column));
      shift(boxes[2], at[0] + padding, at[1] + padding);
    });
    map.boxes.forEach((box) => shift(box, row, column));
    map.cells.replaceChildren(...grid(rows, columns, (i, j) => {
      if (!state.seen.has(`${i} ${j}`)) return [square(i, j, { class: "mc-conv-empty" })];
      const y = output(i, j), fill = signed(y / largest);
      return [square(i, j, { fill: css(fill), stroke: "#8a929c" }), label(i, j, format(y, Math.abs(y) < 100 ? 1 : 0), inkOn(fill))];
    }));
    const reach = Math.max(...channels.flatMap((c) => products(c, row, column).map(Math.abs))) || 1;
    channels.forEach((c) => drawNine(c, reach));
    const terms = colour ? channels.map((c) => add(products(c, row, column))) : products(0, row, column), total = format(add(terms));
    where.replaceChildren(colour ? "Three slices, three kernels, one sum " : "Nine products ", element("small", { style: "white-space: nowrap" }, `at i = ${row}, j = ${column}`));
    sum.replaceChildren(terms.map((value) => bracket(format(value))).join(" + ") + " ", element("b", {}, total));
    brush.textContent = level.value.replace("-", "\u2212");
    if (!film.playing()) live.textContent = state.paint ? `Pixel in row ${at[0]}, column ${at[1]}: ${channels.map((c) => format(state.image[c][at[0]][at[1]])).join(", ")}.`
      : `Row ${row}, column ${column}: the sum is ${total}.`;
    slices.forEach(({ svg }, c) => svg.setAttribute("aria-label", `${colour ? `${SLICES[c]} slice` : "Image"} of ${height} by ${width} pixels` +
      `${padding ? `, with ${padding} of zeros around it` : ""}. ${c ? "" : state.paint ? `Arrow keys move the brush, now at row ${at[0]}, column ${at[1]}; Space paints.`
        : `Arrow keys move the kernel, now at row ${row}, column ${column}.`}`));
    map.svg.setAttribute("aria-label", `Feature map, ${rows} by ${columns}; ${state.seen.size} of ${rows * columns} numbers filled in.`);
    settings.forEach(([node, key, value]) => node.setAttribute("aria-pressed", state[key] === value));
    painting.setAttribute("aria-pressed", state.paint);
    whole.classList.toggle("mc-conv-painting", state.paint);
    hint.textContent = state.paint ? "paint with the brush" : "drag the window, or use arrow keys";
    press();
  }

  const hint = element("small");
  const panel = (name, title, ...children) => element("div", { class: name }, title && element("p", { class: "mc-title" }, ...title), ...children);
  const kernels = channels.map((c) => element("div", { class: "mc-conv-nine mc-conv-inputs" }, fields[c].map(({ input }) => input)));
  const ready = [element("div", { class: "mc-row", role: "group", "aria-label": "Ready-made kernels" }, ...buttons),
    element("label", {}, flip, "flip the kernel (true convolution)"), words];
  const feature = panel("mc-conv-map", ["Feature map ", element("small", {}, "fills in as you visit")], map.svg,
    element("div", { class: "mc-row", style: "margin-top: 0.6rem" }, film.button, button("Fill all", () => { film.stop(); fill(); }),
      button("Clear", () => { film.stop(); state.seen.clear(); move(state.row, state.column); })),
    element("div", { class: "mc-row mc-conv-set" }, setting("Stride", "stride", [1, 2, 3]), setting("Padding", "padding", [0, 1, 2])));
  const whole = element("div", { class: `mc-conv${colour ? " mc-conv-colour" : ""}` },
    element("div", { class: "mc-conv-panels" }, colour
      ? [element("div", { class: "mc-conv-slices" }, element("p", { class: "mc-title" }, "Image, in three slices ", hint), channels.map((c) => panel("mc-conv-image mc-conv-slice",
        [SLICES[c]], slices[c].svg, kernels[c], shown[c], partial[c]))), feature, panel("mc-conv-words", "", where, sum, ...ready, own)]
      : [panel("mc-conv-image", ["Image ", hint], slices[0].svg, own), panel("mc-conv-products", "", where, shown[0], sum),
        feature, panel("mc-conv-kernel", ["Kernel ", element("small", {}, "type your own numbers")], kernels[0], ...ready)]), live);
  root.append(element("style", {}, STYLE), whole);
  drawPicture();
  draw();
}

const fraction = (w) => (Math.abs(w - 1 / 9) < 1e-5 ? "1/9" : format(w, 3));
const bracket = (text) => (text.startsWith("\u2212") ? `(${text})` : text);
