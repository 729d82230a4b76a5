// LeNet-5 on the screen: where each map stands, maps as pictures, lines from what is added up to its sum.

import { element } from "./interactive.js";
import { LAYERS, fieldsOf } from "./lenet_network.js";

/** Where layers stand, in units that the page scales: left and top, maps in a row, a number's width (and height), gaps. */
export const LAYOUTS = {
  wide: {
    width: 700, height: 402, across: true,
    x: [0, 32, 1, 4.5, 4.5, 0, 0], c1: [172, 32, 1, 2, 2, 0, 3], s2: [256, 39, 1, 3, 3, 0, 17],
    c3: [328, 32, 2, 4, 4, 4, 4.43], s4: [442, 39.5, 2, 5, 5, 6, 19.43],
    f5: [528, 32, 4, 8, 11.7, 0, 0], f6: [590, 32, 3, 8, 12.54, 0, 0], out: [638, 32, 1, 62, 35.1, 0, 0],
  },
  narrow: {
    width: 330, height: 504, across: false,
    x: [0, 17, 1, 4, 4, 0, 0], c1: [0, 162, 6, 1.75, 1.75, 7.2, 0], s2: [10.5, 228, 6, 2, 2, 28.2, 0],
    c3: [0, 273, 8, 3.6, 3.6, 6, 3], s4: [0, 365, 16, 3.6, 3.6, 2.8, 0],
    f5: [0, 400, 60, 5.5, 9, 0, 0], f6: [0, 435, 42, 330 / 42, 9, 0, 0], out: [0, 469, 10, 33, 35, 0, 0],
  },
};

/** [x, y, width, height] of `side` numbers of a map, from `row` and `column`; without them, of the whole map. */
export function boxOf(layout, { layer, map, row = 0, column = 0, side = LAYERS[layer].size }) {
  const [left, top, columns, width, height, gapX, gapY] = layout[layer], { size } = LAYERS[layer];
  const x = left + (map % columns) * (size * width + gapX) + column * width;
  return [x, top + Math.floor(map / columns) * (size * height + gapY) + row * height, side * width, side * height];
}

/** [x, y, width, height] of all maps of a layer. */
export function areaOf(layout, layer) {
  const [x, y] = layout[layer], [right, bottom, w, h] = boxOf(layout, { layer, map: LAYERS[layer].maps - 1 });
  return [x, y, right + w - x, bottom + h - y];
}

/** The unit at a point, given from the layer's corner. */
export function unitAt(layout, layer, x, y) {
  const [, , columns, width, height, gapX, gapY] = layout[layer], { maps, size } = LAYERS[layer];
  const along = (d, cell, gap, count) => {
    const step = size * cell + gap, block = Math.max(0, Math.min(count - 1, Math.floor(d / step)));
    return [block, Math.max(0, Math.min(size - 1, Math.floor((d - block * step) / cell)))];
  };
  const [blockX, column] = along(x, width, gapX, columns), [blockY, row] = along(y, height, gapY, maps / columns);
  return { layer, map: blockY * columns + blockX, row, column };
}

/** How opaque 0 ≤ t ≤ 1 is painted: what is weak stays visible. The colour bars follow it. */
export const strength = (t) => t ** 0.7;

/** A number's colour as 0xAABBGGRR, t from −1 to 1: the page's paper shines through at zero; vermilion above, blue below. */
export const tint = (t) => (Math.round(255 * Math.min(1, Math.abs(t))) << 24) | (t < 0 ? 0xb27200 : 0x005ed5);

const TINTS = Uint32Array.from({ length: 256 }, (_, k) => tint(strength(k / 255)));

/** Maps as pictures, from 0 to `tops`; the input is grey. */
export class Painter {
  constructor(canvas) {
    this.pen = canvas.getContext("2d");
    this.sheets = {};
    for (const [layer, { maps, size }] of Object.entries(LAYERS)) {
      if (layer === "out") continue;
      const sheet = element("canvas", { width: size, height: maps * size });
      this.sheets[layer] = { pen: sheet.getContext("2d"), data: new ImageData(size, maps * size), sheet };
    }
  }
  paint(layout, scale, pictures, tops) {
    const { pen } = this;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, layout.width, layout.height);
    pen.imageSmoothingEnabled = false;
    for (const [layer, { pen: small, data, sheet }] of Object.entries(this.sheets)) {
      const values = pictures[layer], pixels = new Uint32Array(data.data.buffer), grey = layer === "x"; // 0xAABBGGRR
      for (let k = 0; k < values.length; k++) {
        const level = Math.round(255 * Math.max(0, Math.min(1, values[k] / tops[layer])));
        pixels[k] = grey ? 0xff000000 | (level * 0x10101) : TINTS[level];
      }
      small.putImageData(data, 0, 0);
      const { maps, size } = LAYERS[layer];
      for (let map = 0; map < maps; map++) pen.drawImage(sheet, 0, map * size, size, size, ...boxOf(layout, { layer, map }));
    }
  }
}

const n = (x) => x.toFixed(1);
const rect = ([x, y, w, h], more = "") => `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" ${more}/>`;

/** From the middle of a box's far side to the middle of another's near side. */
function curve({ across }, [x, y, w, h], [left, top, width, height]) {
  const [a, b, c, d] = across ? [x + w, y + h / 2, left, top + height / 2] : [x + w / 2, y + h, left + width / 2, top];
  return across ? `M${n(a)} ${n(b)}C${n((a + c) / 2)} ${n(b)} ${n((a + c) / 2)} ${n(d)} ${n(c)} ${n(d)}`
    : `M${n(a)} ${n(b)}C${n(a)} ${n((b + d) / 2)} ${n(c)} ${n((b + d) / 2)} ${n(c)} ${n(d)}`;
}

/** What never changes: each map's paper, and a faint line wherever one map feeds another. */
export function ground(layout) {
  let lines = "", sheets = "";
  for (const [layer, { maps, from, weights, size }] of Object.entries(LAYERS)) {
    const area = areaOf(layout, layer);
    if (size === 1) {
      if (layer !== "out") sheets += rect(area, 'class="mc-paper"');
      const [x, y, w, h] = areaOf(layout, from), [left, top, width, height] = area;
      lines += layout.across ? `<path class="mc-all" d="M${x + w} ${y}L${left} ${top}V${top + height}L${x + w} ${y + h}Z"/>`
        : `<path class="mc-all" d="M${x} ${y + h}L${left} ${top}H${left + width}L${x + w} ${y + h}Z"/>`;
      continue;
    }
    for (let map = 0; map < maps; map++) {
      const box = boxOf(layout, { layer, map });
      sheets += rect(box, 'class="mc-paper"');
      for (let c = 0; from && c < LAYERS[from].maps; c++) {
        if (weights || c === map) lines += `<path d="${curve(layout, boxOf(layout, { layer: from, map: c }), box)}"/>`;
      }
    }
  }
  return lines + sheets;
}

/** The chosen unit's story: frames around all it sees, lines as thick as their part of the sum; returns SVG text. */
export function links(layout, unit, parts) {
  const target = boxOf(layout, { side: 1, ...unit }), frames = [target];
  const fields = LAYERS[unit.layer].size > 1 ? fieldsOf(unit) : [];
  let lines = "";
  fields.forEach((field, k) => {
    const boxes = field.maps.map((map) => boxOf(layout, { ...field, map }));
    frames.push(...boxes);
    const above = fields[k - 1];
    if (above) above.maps.forEach((map) => field.maps.forEach((m) => {
      if (LAYERS[above.layer].weights || m === map) {
        lines += `<path class="mc-far" d="${curve(layout, boxOf(layout, { ...field, map: m }), boxOf(layout, { ...above, map }))}"/>`;
      }
    }));
  });
  const ends = unit.layer === "f5" ? byMap(parts) : parts;
  const strongest = [...ends].sort((p, q) => Math.abs(q.part) - Math.abs(p.part)).slice(0, 16).filter(({ part }) => part);
  const largest = Math.abs(strongest[0]?.part) || 1;
  for (const { part, ...source } of strongest.reverse()) {
    const width = n(1 + (3 * Math.abs(part)) / largest), d = curve(layout, boxOf(layout, source), target);
    lines += `<path class="mc-halo" d="${d}"/><path class="${part < 0 ? "mc-minus" : "mc-plus"}" stroke-width="${width}" d="${d}"/>`;
    if (LAYERS[source.layer].size === 1) frames.push(boxOf(layout, source));
  }
  return lines + frames.map((box) => rect(box, 'class="mc-halo"') + rect(box, 'class="mc-frame"')).join("");
}

/** 400 parts of fc1 as 16, one for each map they come from. */
function byMap(parts) {
  const sums = [];
  for (const { layer, map, part } of parts) (sums[map] ??= { layer, map, part: 0 }).part += part;
  return sums;
}
