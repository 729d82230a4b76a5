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

/** A gesture with the pointer: begin(event), then move(event) until it is let go, also outside of `node`. */
export function onDrag(node, begin, move) {
  node.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    node.setPointerCapture(event.pointerId);
    begin(event);
  });
  node.addEventListener("pointermove", (event) => { if (node.hasPointerCapture(event.pointerId)) move(event); });
}

/** Steps of an animation, the first one at once, until step() returns false or the figure leaves the page; the button reads `name` or Pause. */
export function player(root, step, delay, name = "Play") {
  let timer = null;
  const button = element("button", { class: "mc-button", type: "button", onclick: () => (timer ? self.stop() : self.start()) }, name);
  const self = {
    button,
    playing: () => timer !== null,
    start() {
      if (step() === false) return;
      button.textContent = "Pause";
      timer = setInterval(() => { if (!root.isConnected || step() === false) self.stop(); }, delay);
    },
    stop() {
      clearInterval(timer);
      timer = null;
      button.textContent = name;
    },
  };
  return self;
}

/**
 * A field for a number from low to high: "2", "-0.5" and "1/9" are taken, anything else is refused in words.
 * take(value) and refuse(words) are called while the reader types; what is refused goes when the field is left.
 */
export function numberField({ label, value, low, high, what, write = (x) => format(x, 3), take, refuse }) {
  let kept = value;
  const bad = (words) => { input.setAttribute("aria-invalid", words !== ""); refuse(words); };
  function read(done) {
    const text = input.value.trim(), number = parse(text);
    if (number !== null && number >= low && number <= high) {
      kept = number;
      bad("");
      take(number);
    } else if (done || !/^[+\u2212-]?\.?$|\/$/.test(text)) { // not yet, where a number may be on its way
      bad(`${text ? `\u201c${text.slice(0, 20)}\u201d` : "An empty field"} is refused: ${what} is a number from ${format(low)} to ` +
        `${format(high)}, such as ${low < 0 ? "2, \u22120.5 or 1/9" : "20 or 12.5"}, with a decimal point. It stays ${write(kept)}.`);
    } else input.setAttribute("aria-invalid", "true");
  }
  const input = element("input", { class: "mc-input", type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false",
    "aria-label": label, oninput: () => { read(false); tell(); }, onchange: () => { read(true); set(kept); } });
  const tell = () => input.style.setProperty("--length", input.value.length || 1); // for styles that make it fit
  const set = (x) => {
    kept = x;
    input.value = write(x);
    input.setAttribute("aria-invalid", "false");
    tell();
  };
  set(value);
  return { input, set, valid: () => input.getAttribute("aria-invalid") !== "true" };
}

/** "2", "-0.5", "1/9" → a number; anything else → null. */
function parse(text) {
  const match = text.replace("\u2212", "-").match(/^([+-]?(?:\d+\.?\d*|\.\d+))\s*(?:\/\s*(\d+\.?\d*|\.\d+))?$/);
  const value = match ? match[1] / (match[2] ?? 1) : NaN;
  return Number.isFinite(value) ? value : null;
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
