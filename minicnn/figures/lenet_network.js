// LeNet-5 on one image: what each layer makes of it, and which numbers a unit is made of.

/** Layers in order. size: height and width of a map; from: the layer below; weights: the name in the model. */
export const LAYERS = {
  x: { name: "input", maps: 1, size: 32 },
  c1: { name: "conv1", maps: 6, size: 28, from: "x", weights: "conv1", relu: true },
  s2: { name: "pool", maps: 6, size: 14, from: "c1" },
  c3: { name: "conv2", maps: 16, size: 10, from: "s2", weights: "conv2", relu: true },
  s4: { name: "pool", maps: 16, size: 5, from: "c3" },
  f5: { name: "fc1", maps: 120, size: 1, from: "s4", weights: "fc1", relu: true },
  f6: { name: "fc2", maps: 84, size: 1, from: "f5", weights: "fc2", relu: true },
  out: { name: "fc3", maps: 10, size: 1, from: "f6", weights: "fc3" },
};
const isDense = (key) => LAYERS[key].size === 1;

/** One character for each of 91 levels: all printable ones, but those with a meaning in JSON or HTML. */
export function levels(text) {
  const place = {};
  for (let code = 33, k = 0; code < 127; code++) if (!'"<\\'.includes(String.fromCharCode(code))) place[code] = k++;
  return Float64Array.from(text, (c) => place[c.charCodeAt(0)]);
}

/** The trained weights as numbers: {conv1: {w, b, fan}, …}; fan is how many weights a sum has. */
export function readWeights(packed) {
  return Object.fromEntries(Object.entries(packed).map(([name, { w, scale, b }]) => {
    const fan = w.length / b.length;
    return [name, { w: levels(w).map((level, k) => (level - 45) * scale[Math.floor(k / fan)]), b, fan }];
  }));
}

function convolve(x, channels, size, { w, b }) {
  const out = size - 4, area = out * out, y = new Float64Array(b.length * area);
  for (let o = 0, k = 0; o < b.length; o++) {
    y.fill(b[o], o * area, (o + 1) * area);
    for (let c = 0; c < channels; c++) for (let m = 0; m < 5; m++, k += 5) {
      const w0 = w[k], w1 = w[k + 1], w2 = w[k + 2], w3 = w[k + 3], w4 = w[k + 4]; // a row of the kernel at a time: it must be quick
      for (let i = 0, p = o * area; i < out; i++) {
        for (let j = 0, q = (c * size + i + m) * size; j < out; j++, q++) {
          y[p++] += w0 * x[q] + w1 * x[q + 1] + w2 * x[q + 2] + w3 * x[q + 3] + w4 * x[q + 4];
        }
      }
    }
  }
  return y;
}

function average(x, channels, size) {
  const half = size / 2, y = new Float64Array(channels * half * half);
  for (let c = 0, p = 0; c < channels; c++) for (let i = 0; i < half; i++) for (let j = 0; j < half; j++) {
    const at = (c * size + 2 * i) * size + 2 * j;
    y[p++] = (x[at] + x[at + 1] + x[at + size] + x[at + size + 1]) / 4;
  }
  return y;
}

function weigh(x, { w, b, fan }) {
  return Float64Array.from(b, (bias, o) => {
    let sum = bias;
    for (let k = 0, at = o * fan; k < fan; k++) sum += x[k] * w[at + k];
    return sum;
  });
}

/** What every layer makes of an input x of 32×32; "c1:sum" is before the ReLU, p the probabilities. */
export function forward(net, x) {
  const acts = { x };
  for (const [key, { maps, from, weights, relu }] of Object.entries(LAYERS).slice(1)) {
    const below = LAYERS[from];
    const sums = !weights ? average(acts[from], maps, below.size)
      : isDense(key) ? weigh(acts[from], net[weights]) : convolve(acts[from], below.maps, below.size, net[weights]);
    acts[`${key}:sum`] = sums;
    acts[key] = relu ? sums.map((s) => Math.max(0, s)) : sums;
  }
  const top = Math.max(...acts.out), powers = acts.out.map((s) => Math.exp(s - top)), total = powers.reduce((p, q) => p + q);
  acts.p = powers.map((v) => v / total);
  return acts;
}

export const indexOf = ({ layer, map, row, column }) => (map * LAYERS[layer].size + row) * LAYERS[layer].size + column;

/** The windows, or single units, of the layer below that `unit` adds up, each with its part of the sum. */
export function partsOf(net, acts, { layer, map, row, column }) {
  const { from, weights } = LAYERS[layer], { maps, size } = LAYERS[from], x = acts[from];
  const patch = (c, i, j, k) => Array.from({ length: k * k }, (_, n) => x[(c * size + i + Math.floor(n / k)) * size + j + (n % k)]);
  if (!weights) {
    const seen = patch(map, 2 * row, 2 * column, 2);
    return [{ layer: from, map, row: 2 * row, column: 2 * column, side: 2, seen, part: seen.reduce((p, q) => p + q) / 4 }];
  }
  const { w, fan } = net[weights];
  if (!isDense(layer)) return Array.from({ length: maps }, (_, c) => {
    const seen = patch(c, row, column, 5), kernel = [...w.slice(map * fan + c * 25, map * fan + c * 25 + 25)];
    return { layer: from, map: c, row, column, side: 5, seen, kernel, part: seen.reduce((sum, v, k) => sum + v * kernel[k], 0) };
  });
  return Array.from(x, (value, k) => {
    const weight = w[map * fan + k], place = { map: Math.floor(k / size ** 2), row: Math.floor((k % size ** 2) / size), column: k % size };
    return { layer: from, ...place, side: 1, value, weight, part: value * weight };
  });
}

/** All that `unit` sees, from the layer below it down to the input: [{layer, maps, row, column, side}, …]. */
export function fieldsOf({ layer, map, row, column }) {
  const fields = [];
  let field = { layer, maps: [map], row, column, side: 1 };
  while (field.layer !== "x") {
    const { from, weights } = LAYERS[field.layer], below = LAYERS[from];
    const maps = weights ? [...Array(below.maps).keys()] : field.maps;
    if (isDense(field.layer)) field = { layer: from, maps, row: 0, column: 0, side: below.size };
    else if (weights) field = { ...field, layer: from, maps, side: field.side + 4 };
    else field = { layer: from, maps, row: 2 * field.row, column: 2 * field.column, side: 2 * field.side };
    fields.push(field);
  }
  return fields;
}
