// What every interactive figure shares. Inlined by interactive.py before the figure's own module.

/** Build the figure in every place on the page that waits for it; a second copy of an output gets its own. */
export function mountAll(uid, data, mount) {
  for (const root of document.querySelectorAll(`.mc-figure[data-mc="${uid}"]:not([data-ready])`)) {
    root.dataset.ready = document.querySelectorAll(".mc-figure[data-ready]").length;
    const picture = [...root.childNodes];
    try {
      mount(root, data);
      picture.forEach((node) => node.remove());
    } catch (error) { // keep the still picture, drop what was half built
      root.replaceChildren(...picture);
      throw error;
    }
  }
}

/** element("button", {class: "mc-button", onclick: f}, "Play"); SVG names such as "svg.rect" make SVG elements. */
export function element(name, attributes = {}, ...children) {
  const svg = name.startsWith("svg.");
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat());
  return node;
}

/** 3 → "3", 0.3333 → "0.33", -2 → "−2" (a real minus sign). */
export function format(x, digits = 2) {
  const text = String(Number(x.toFixed(digits)));
  return (text === "-0" ? "0" : text).replace("-", "\u2212");
}

/** Arrow keys, Home, End, Page up, Page down on `node` become move(dRow, dColumn); Home and End move by ±Infinity. */
export function onArrows(node, move) {
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    Home: [0, -Infinity], End: [0, Infinity], PageUp: [-Infinity, 0], PageDown: [Infinity, 0] };
  node.addEventListener("keydown", (event) => {
    if (!steps[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // in JupyterLab, arrows would move between cells
    move(...steps[event.key]);
  });
}

export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Colours as [r, g, b]. grey: t in 0..1. signed: t in −1..1, blue below zero, white at zero, vermilion above. */
export const grey = (t) => Array(3).fill(Math.round(255 * clamp(t, 0, 1)));
export function signed(t) {
  const end = t < 0 ? [0, 114, 178] : [213, 94, 0];
  return end.map((c) => Math.round(255 + (c - 255) * clamp(Math.abs(t), 0, 1)));
}
export const css = (rgb) => `rgb(${rgb.join(" ")})`;

/** Black or white, whichever reads better on this colour (WCAG relative luminance). */
export function inkOn(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}
