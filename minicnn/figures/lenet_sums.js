// The sum behind a unit of LeNet-5, in numbers: what it saw, times its weights, plus its bias.

import { css, element, format, grey, inkOn } from "./interactive.js";
import { strength, tint } from "./lenet_drawing.js";
import { LAYERS, indexOf } from "./lenet_network.js";

const times = "\u00d7", minus = "\u2212";
const factor = (v, digits) => (v < 0 ? `(${format(v, digits)})` : format(v, digits));
const percent = (p, digits = 1) => `${(100 * p).toFixed(digits)}\u00a0%`;
const add = (values) => values.reduce((p, q) => p + q, 0);

/** "conv1: map 3, row 4, column 5". */
export function nameOf({ layer, map, row, column }) {
  const { name, size } = LAYERS[layer];
  if (layer === "out") return `fc3: score of digit ${map}`;
  return `${name}: ${size > 1 ? `map ${map}, row ${row}, column ${column}` : `unit ${map}`}`;
}

/** A colour bar with the numbers at its ends; kind: "grey", "plus" (from 0) or "signed" (from −top). */
export function scaleBar(kind, low, high) {
  return element("span", { class: "mc-scale" }, low, element("i", { class: `mc-${kind}` }), high);
}

const spoken = (label, values) => `${label}: ${values.map((v) => format(v)).join(", ")}`;

/** A square of numbers as a picture of k×k pixels; kind: "plus" or "signed". New canvases are dear, so `kept` has the old ones. */
function tiles(kept, values, kind, top, label) {
  const k = Math.sqrt(values.length), image = new ImageData(k, k), pixels = new Uint32Array(image.data.buffer);
  values.forEach((v, n) => { pixels[n] = tint(shade(v, kind, top)); });
  const canvas = (kept[label] ??= element("canvas", { class: "mc-tiles", width: k, height: k, role: "img" }));
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-label", spoken(label, values));
  return canvas;
}
const shade = (v, kind, top) => (kind === "signed" ? v / (top || 1) : strength(Math.max(0, v) / (top || 1)));

/** The same with the numbers written in; kind "grey" from `bounds`. */
function grid(values, kind, top, label, bounds) {
  const k = Math.sqrt(values.length), cells = values.map((v) => {
    const text = v ? v.toFixed(2).replace("-", minus).replace(/^(\D?)0\./, "$1.") : "0", t = shade(v, kind, top);
    const pixel = bounds && grey((v - bounds[0]) / (bounds[1] - bounds[0]));
    const look = pixel ? `background:${css(pixel)};color:${inkOn(pixel)}` : `background:rgb(${t < 0 ? "0 114 178" : "213 94 0"}/${(0.6 * Math.abs(t)).toFixed(2)})`;
    return `<span style="${look}">${text}</span>`;
  });
  const table = element("div", { class: "mc-grid", role: "img", "aria-label": spoken(label, values), style: `--k: ${k}` });
  table.innerHTML = cells.join("");
  return table;
}

const figure = (picture, ...caption) => element("div", { class: "mc-pair" }, picture, element("small", {}, ...caption));
const sign = (text) => element("span", { class: "mc-sign", "aria-hidden": "true" }, text);
const bold = (v) => element("b", {}, format(v));
const through = (total) => [bold(total), total > 0 ? ". ReLU lets it through." : ". ReLU makes it 0."];
const largest = (values) => Math.max(...values.map(Math.abs));
const ends = (kind, top) => scaleBar(kind, kind === "signed" ? format(-top) : "0", format(top));

/** What stands beside the network: elements that explain `unit`. */
export function sumOf(net, acts, unit, parts, { mean, std, tops, kept }) {
  const { layer, map } = unit, { weights, size } = LAYERS[layer], total = acts[`${layer}:sum`][indexOf(unit)];
  if (!weights) {
    const { seen, layer: from } = parts[0];
    return [figure(grid(seen, "plus", tops[from], `four numbers of map ${map}`), ends("plus", tops[from])),
      element("p", {}, `Map ${map} of the layer below, two rows and two columns: (${seen.map((v) => format(v)).join(" + ")}) / 4 = `,
        bold(total), ". No weights, nothing to learn.")];
  }
  const bias = net[weights].b[map];
  if (layer === "c1") {
    const { seen, kernel, part } = parts[0], top = largest(kernel), products = seen.map((v, k) => v * kernel[k]), high = largest(products);
    const bounds = [-mean / std, (1 - mean) / std];
    return [figure(grid(seen, "grey", 1, "25 pixels", bounds), "pixels ", scaleBar("grey", ...bounds.map((v) => format(v)))),
      sign(times), figure(grid(kernel, "signed", top, `kernel ${map}`), "kernel ", ends("signed", top)),
      sign("="), figure(grid(products, "signed", high, "25 products"), "products ", ends("signed", high)),
      element("p", {}, `25 products: ${format(part)}; bias: ${format(bias)}. Sum: `, ...through(total),
        mean || std !== 1 ? element("small", {}, `Pixels are centred: (p ${minus} ${format(mean)}) / ${format(std)}; black is ${format(bounds[0])}.`) : "")];
  }
  if (size > 1) {
    const top = largest(parts.flatMap(({ kernel }) => kernel)), below = tops.s2;
    return [element("div", { class: "mc-pairs" }, ...parts.map(({ seen, kernel, part, map: c }) => element("div", { class: "mc-pair" },
        tiles(kept, seen, "plus", below, `map ${c}`), tiles(kept, kernel, "signed", top, `kernel for map ${c}`), element("small", {}, format(part))))),
      element("p", {}, element("small", { class: "mc-legend" }, "above: maps ", ends("plus", below)),
        element("small", { class: "mc-legend" }, "below: kernels ", ends("signed", top)),
        `The six sums make ${format(add(parts.map(({ part }) => part)))}; with the bias of ${format(bias)}: `, ...through(total))];
  }
  const order = [...parts].sort((p, q) => Math.abs(q.part) - Math.abs(p.part)), shown = order.slice(0, 5), rest = order.slice(5);
  const name = ({ map: m, row, column }) => (layer === "f5" ? `map ${m}, row ${row}, column ${column}` : `unit ${m}`);
  const lines = [...shown.map((p) => [name(p), `${format(p.value)} ${times} ${factor(p.weight, 3)}`, p.part]),
    [`${rest.length} others`, "", add(rest.map(({ part }) => part))], ["bias", "", bias]];
  const high = largest(lines.map((line) => line[2]));
  const rows = lines.map(([what, product, part]) => {
    const bar = element("i", { class: part < 0 ? "mc-neg" : "mc-pos" });
    bar.style.width = `${(50 * Math.abs(part)) / high}%`;
    return element("tr", {}, element("td", {}, what), element("td", {}, product), element("td", {}, format(part)),
      element("td", { class: "mc-part", "aria-hidden": "true" }, bar));
  });
  return [element("table", {}, element("tbody", {}, ...rows)),
    element("p", {}, element("small", {}, layer === "f5" ? "A line: all 25 products of a map." : `Lines: the 16 largest of ${parts.length} products.`),
      ...(layer !== "out" ? ["Sum: ", ...through(total)] : ["Score: ", bold(total),
      `. Softmax: e to the power of ${format(total)}, divided by the sum of all ten such powers, is ${percent(acts.p[map])}.`]))];
}
