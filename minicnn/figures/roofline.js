import { clamp, element, numberField } from "./interactive.js";

const STYLE = `
.mc-roof { container-type: inline-size; display: grid; gap: 0.9rem; }
.mc-roof-main { display: grid; gap: 0.9rem 1.6rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
@container (min-width: 560px) { .mc-roof-main { grid-template-columns: minmax(0, 1fr) 17rem; } }
.mc-roof svg text { font-size: 12px; fill: var(--mc-soft); paint-order: stroke; stroke: var(--mc-card); stroke-width: 3px; user-select: none; }
.mc-roof-axis { fill: none; stroke: var(--mc-control); } .mc-roof-tick { fill: none; stroke: var(--mc-line); }
.mc-roof-line { fill: none; stroke: var(--mc-ink); stroke-width: 2; } .mc-roof-cache { stroke-dasharray: 6 4; }
.mc-roof-peak { stroke: var(--mc-accent); stroke-width: 3; } .mc-roof-drop { fill: none; stroke: var(--mc-focus); stroke-dasharray: 2 3; }
.mc-roof svg .mc-roof-name { fill: var(--mc-ink); }
.mc-roof-dot { fill: var(--mc-focus); stroke: var(--mc-card); stroke-width: 2; transition: transform 0.25s ease-out; }
.mc-roof-ring { fill: none; stroke: var(--mc-focus); stroke-width: 2; transition: transform 0.25s ease-out; }
.mc-roof-kept circle { fill: var(--mc-card); stroke: var(--mc-ink); stroke-width: 1.5; } .mc-roof svg .mc-roof-kept text { stroke: none; fill: var(--mc-ink); text-anchor: middle; font-size: 11px; }
.mc-roof label { display: grid; grid-template-columns: 5.8rem minmax(0, 1fr) 2.2rem; gap: 0.5rem; min-height: 30px; font-size: 14px; width: 100%; }
.mc-roof label b { text-align: right; font-weight: 400; } .mc-roof label.mc-roof-off { opacity: 0.5; } .mc-roof input[type="range"] { width: 100%; margin: 0; }
.mc-roof label.mc-roof-select { grid-template-columns: 5.8rem minmax(0, 1fr); margin-bottom: 0.3rem; }
.mc-roof select { min-height: 34px; min-width: 0; border: 1px solid var(--mc-control); border-radius: 6px; background: var(--mc-card); color: var(--mc-ink); font: inherit; font-size: 14px; }
.mc-roof .mc-roof-machine { gap: 0.3rem 0.8rem; } .mc-roof-machine label { display: inline-flex; width: auto; } .mc-roof-machine .mc-input { width: 3.8rem; min-height: 34px; font-size: min(16px, 6rem / var(--length)); }
.mc-roof-sum { margin: 0; padding: 0; list-style: none; font-size: 14px; line-height: 1.7; }
.mc-roof-sum li { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0.5rem; margin: 0; }
.mc-roof-sum b { color: var(--mc-accent); } .mc-roof-sum span { color: var(--mc-soft); }
@container (max-width: 420px) {
  .mc-roof svg text { font-size: 16px; }
  .mc-roof-sum li { display: block; margin-bottom: 0.35rem; } .mc-roof-sum li div { padding-left: 1rem; }
}
@media (forced-colors: active) { .mc-roof svg { forced-color-adjust: none; } .mc-roof-tick { opacity: 0.3; } }
`;

const NAMES = { N: "images N", C: "channels C", O: "filters O", K: "kernel K", S: "image S" };
const OPERATIONS = {
  conv: { name: "convolution", sizes: "NCOKS" },
  depthwise: { name: "depthwise", sizes: "NCKS" },
  linear: { name: "fully connected layer", sizes: "NCO" },
  relu: { name: "ReLU", sizes: "NCS" },
};
const WAYS = {
  once: "the least",
  im2col: "im2col, rung 3",
  rows: "row by row, rung 6",
  taps: "tap by tap, rung 2",
};

/** Operations and bytes, as the chapter counts them, with the words of each count. A test compares them with arrays of minicnn's. */
function count({ operation, way, bytes, N, C, O, K, S }) {
  const conv = operation === "conv" || operation === "depthwise", lone = operation === "depthwise", out = S - K + 1;
  const product = (names, values) => ({ words: names.join(" · "), numbers: values.join(" · "), value: values.reduce((a, b) => a * b) });
  const y = conv ? product(["N", lone ? "C" : "O", "OH", "OW"], [N, lone ? C : O, out, out])
    : operation === "linear" ? product(["N", "O"], [N, O]) : product(["N", "C", "H", "W"], [N, C, S, S]);
  const terms = conv ? product(lone ? ["K", "K"] : ["C", "K", "K"], lone ? [K, K] : [C, K, K]) : operation === "linear" ? product(["C"], [C]) : null;
  const x = operation === "linear" ? N * C : N * C * S * S;
  const w = conv ? (lone ? C : O * C) * K * K : operation === "linear" ? O * C : 0;
  const multiplyAdds = terms ? y.value * terms.value : 0, operations = terms ? 2 * multiplyAdds : y.value;
  const matrix = conv ? N * C * K * K * out * out : 0;
  const numbers = { once: x + w + y.value, im2col: x + w + y.value + 2 * matrix, rows: 3 * multiplyAdds, taps: 5 * multiplyAdds }[conv ? way : "once"];
  return { y, terms, x, w, matrix, operations, numbers, multiplyAdds, bytes: bytes * numbers, intensity: operations / (bytes * numbers), conv };
}

const short = (v) => (v >= 1000 ? `${Math.round(v).toLocaleString("en")}` : String(Number(v.toPrecision(3))));

export function mount(root, data) {
  const { choices } = data;
  const state = { operation: "conv", way: "once", bytes: 4, ...data.start, ...data.giga, kept: [] };

  // ---- the parts
  const WIDTH = 400, HEIGHT = 300, LEFT = 40, BOTTOM = 258, RIGHT = 392, TOP = 12;
  const chart = element("svg.svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const roofs = element("svg.g"), kept = element("svg.g", { class: "mc-roof-kept" });
  const drop = element("svg.path", { class: "mc-roof-drop" });
  const ring = element("svg.circle", { class: "mc-roof-ring", r: 6 }), dot = element("svg.circle", { class: "mc-roof-dot", r: 8 });
  chart.append(roofs, drop, kept, ring, dot);
  const sum = element("ol", { class: "mc-roof-sum" });
  const live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const words = element("p", { class: "mc-words", role: "status" });
  const select = (label, key, options) => {
    const node = element("select", { onchange: () => { state[key] = node.value; draw(); } },
      Object.entries(options).map(([value, text]) => element("option", { value }, text)));
    return [element("label", { class: "mc-roof-select" }, label, node), node];
  };
  const [chooser] = select("operation", "operation", Object.fromEntries(Object.entries(OPERATIONS).map(([key, { name }]) => [key, name])));
  const [traffic, travels] = select("what travels", "way", WAYS);
  const sliders = Object.keys(NAMES).map((key) => {
    const output = element("b", { "aria-hidden": "true" }), list = choices[key];
    const input = element("input", { type: "range", min: 0, max: list.length - 1, step: 1, "aria-label": NAMES[key],
      oninput: () => { state[key] = list[input.value]; draw(); } });
    input.value = list.indexOf(state[key]);
    return { key, input, output, row: element("label", {}, NAMES[key], input, output) };
  });
  const dtypes = [[4, "float32"], [8, "float64"]].map(([bytes, name]) => [bytes, element("button", { class: "mc-button", type: "button",
    onclick: () => { state.bytes = bytes; draw(); } }, name)]);
  const machine = [["peak", "Peak", "GFLOP/s"], ["memory", "Memory", "GB/s"], ["cache", "Nearest cache", "GB/s"]].map(([key, name, unit]) => {
    const field = numberField({ label: `${name}, ${unit}`, value: data.giga[key], low: 1, high: 100000, what: `the ${name.toLowerCase()}${key === "peak" ? "" : "'s bandwidth"}`,
      write: (x) => String(x), take: (x) => { state[key] = x; draw(); }, refuse: (text) => { if (words.textContent !== text) words.textContent = text; } });
    return [key, field, element("label", {}, name, field.input, element("span", {}, unit))];
  });
  const button = (text, onclick) => element("button", { class: "mc-button", type: "button", onclick }, text);
  const clear = button("Forget them", () => { state.kept = []; draw(); });

  // ---- the roofs
  const peak = () => (state.bytes === 4 ? state.peak : state.peak / 2); // half as many numbers in a vector
  const roof = (bandwidth, intensity) => Math.min(peak(), intensity * bandwidth);
  const across = (intensity) => LEFT + ((RIGHT - LEFT) * (Math.log10(intensity) + 1.4)) / 5; // from 0.04 to 4,000
  const high = () => 2 * Math.max(state.peak, 1); // the scale stays when the reader changes the type
  const up = (rate) => TOP + ((BOTTOM - TOP) * Math.log10(high() / rate)) / 3.6;
  const keep = (y) => clamp(y, TOP, BOTTOM);

  function drawRoofs() {
    const path = (name, d) => element("svg.path", { class: name, d });
    const text = (x, y, content, attributes = {}) => element("svg.text", { x, y, ...attributes }, content);
    const slope = (name, bandwidth) => { // between the left or lower edge and the peak, or the right edge
      const first = Math.max(10 ** -1.4, high() / 10 ** 3.6 / bandwidth), ridge = Math.min(peak() / bandwidth, 10 ** 3.6);
      return first < ridge ? path(`mc-roof-line ${name}`, `M${across(first)} ${up(first * bandwidth)}L${across(ridge)} ${up(ridge * bandwidth)}`) : [];
    };
    const parts = [];
    for (let power = -1; power <= 3; power++) {
      const x = across(10 ** power);
      parts.push(path("mc-roof-tick", `M${x} ${TOP}V${BOTTOM}`), text(x, BOTTOM + 16, short(10 ** power), { "text-anchor": "middle" }));
    }
    for (let power = Math.ceil(Math.log10(high()) - 3.6); 10 ** power <= high(); power++) {
      const y = up(10 ** power);
      parts.push(path("mc-roof-tick", `M${LEFT} ${y}H${RIGHT}`), text(LEFT - 5, y + 4, short(10 ** power), { "text-anchor": "end" }));
    }
    const ridge = clamp(across(peak() / state.memory), LEFT, RIGHT), top = up(peak()), first = clamp(across(peak() / state.cache), LEFT, RIGHT);
    parts.push(path("mc-roof-axis", `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}`), path("mc-roof-tick", `M${ridge} ${top}V${BOTTOM}`),
      slope("", state.memory), slope("mc-roof-cache", state.cache), path("mc-roof-line mc-roof-peak", `M${Math.min(first, ridge)} ${top}H${RIGHT}`),
      text(RIGHT, top - 7, `peak ${short(peak())} GFLOP/s`, { "text-anchor": "end", class: "mc-roof-name" }),
      text(RIGHT, BOTTOM + 34, "operations per byte that travels", { "text-anchor": "end" }),
      text(LEFT + 4, TOP + 4, "GFLOP/s"),
      ...(ridge - LEFT > 130 ? [text(ridge - 6, BOTTOM - 8, "memory-bound", { "text-anchor": "end" })] : []),
      ...(RIGHT - ridge > 130 ? [text(ridge + 6, BOTTOM - 8, "compute-bound")] : []));
    roofs.replaceChildren(...parts.flat());
  }

  // ---- what the reader sees
  function draw() {
    const { operation, bytes } = state, found = count(state), { intensity } = found, rate = roof(state.memory, intensity), near = roof(state.cache, intensity);
    const sizes = OPERATIONS[operation].sizes, bound = intensity * state.memory < peak() ? "memory-bound" : "compute-bound";
    sliders.forEach(({ key, input, output, row }) => {
      input.disabled = !sizes.includes(key);
      row.classList.toggle("mc-roof-off", input.disabled);
      output.textContent = input.disabled ? "\u2013" : state[key];
      input.setAttribute("aria-valuetext", String(state[key]));
    });
    travels.disabled = !found.conv;
    travels.value = found.conv ? state.way : "once";
    drawRoofs();
    const place = (node, y) => { node.style.transform = `translate(${clamp(across(intensity), LEFT, RIGHT)}px, ${keep(up(y))}px)`; };
    place(dot, rate);
    place(ring, near);
    drop.setAttribute("d", `M${clamp(across(intensity), LEFT, RIGHT)} ${keep(up(near))}V${BOTTOM}`);
    kept.replaceChildren(...state.kept.map(({ intensity: i, rate: r }, k) => element("svg.g", { transform: `translate(${clamp(across(i), LEFT, RIGHT)} ${keep(up(r))})` },
      element("svg.circle", { r: 8 }), element("svg.text", { y: 4 }, k + 1))));

    const I = short(intensity), line = (name, ...parts) => element("li", {}, element("span", {}, name), element("div", {}, ...parts));
    const strong = (text) => element("b", {}, text), n = (v) => v.toLocaleString("en");
    const moved = { once: `${n(found.x)} of x + ${found.w ? `${n(found.w)} of w + ` : ""}${n(found.y.value)} of y, each once`,
      im2col: `${n(found.x + found.w + found.y.value)} of x, w and y + 2 · ${n(found.matrix)} of the matrix, written and read`, rows: `3 numbers · ${n(found.multiplyAdds)} multiply-adds`, taps: `5 numbers · ${n(found.multiplyAdds)} multiply-adds` }[travels.value];
    sum.replaceChildren(
      line("outputs", `${found.y.words} = ${found.y.numbers} = `, strong(n(found.y.value))),
      line("in each", ...(found.terms ? [`${found.terms.words} = ${found.terms.numbers === String(found.terms.value) ? "" : `${found.terms.numbers} = `}`, strong(n(found.terms.value)), " multiply-adds"]
        : ["one comparison"])),
      line("operations", found.terms ? `2 · ${n(found.y.value)} · ${n(found.terms.value)} = ` : "", strong(n(found.operations))),
      line("bytes", `${bytes} · (${moved}) = `, strong(n(found.bytes))),
      line("intensity I", `${n(found.operations)} ÷ ${n(found.bytes)} = `, strong(I), " operations a byte"),
      line("from memory", `I · B = ${I} · ${short(state.memory)} = ${short(intensity * state.memory)}, and P = ${bytes === 8 ? `${short(state.peak)} ÷ 2 = ` : ""}${short(peak())}: at most `, strong(`${short(rate)} GFLOP/s`), `, ${bound}`),
      line("from the cache", `I · B = ${I} · ${short(state.cache)} = ${short(intensity * state.cache)}: at most `, strong(`${short(near)} GFLOP/s`)),
      line("ridge", `P ÷ B = ${short(peak())} ÷ ${short(state.memory)} = ${short(peak() / state.memory)} operations a byte`),
      ...state.kept.map(({ words, intensity: i, rate: r }, k) => line(`kept ${k + 1}`, `${words}: I = ${short(i)}, at most ${short(r)} GFLOP/s`)));
    live.textContent = `${OPERATIONS[operation].name}: ${I} operations a byte, at most ${short(rate)} GFLOP/s from memory, ${bound}.`;
    chart.setAttribute("aria-label", `Roofline on logarithmic axes: peak ${short(peak())} GFLOP/s, ${short(state.memory)} GB/s from memory, ` +
      `${short(state.cache)} GB/s from the nearest cache. ${live.textContent}`);
    dtypes.forEach(([size, node]) => node.setAttribute("aria-pressed", size === bytes));
    clear.disabled = !state.kept.length;
  }
  function remember() {
    const { operation, bytes, kept } = state, { intensity, conv } = count(state);
    const words = `${OPERATIONS[operation].name}, ${[...OPERATIONS[operation].sizes].map((key) => `${key} ${state[key]}`).join(" ")}, float${8 * bytes}` +
      `${conv && state.way !== "once" ? `, ${WAYS[state.way]}` : ""}`;
    state.kept = [...kept, { words, intensity, rate: roof(state.memory, intensity) }].slice(-6);
    draw();
  }

  root.append(element("style", {}, STYLE), element("div", { class: "mc-roof" },
    element("div", { class: "mc-roof-main" },
      element("div", {}, element("p", { class: "mc-title" }, "At most ", element("small", {}, "\u25cf from memory, \u25cb from the nearest cache")), chart,
        element("div", { class: "mc-row" }, button("Keep this dot", remember), clear)),
      element("div", {}, chooser, sliders.map(({ row }) => row), traffic,
        element("div", { class: "mc-row", role: "group", "aria-label": "dtype" }, dtypes.map(([, node]) => node)))),
    element("div", {}, element("div", { class: "mc-row mc-roof-machine", role: "group", "aria-label": "The machine" }, machine.map(([, , label]) => label),
      button("As recorded", () => {
        machine.forEach(([key, field]) => { state[key] = data.giga[key]; field.set(data.giga[key]); });
        words.textContent = "";
        draw();
      })), words), sum, live));
  draw();
}
