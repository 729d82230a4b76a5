import { clamp, css, element, format, onArrows, signed } from "./interactive.js";

const STYLE = `
.mc-grad { container-type: inline-size; }
.mc-grad-pairs { display: flex; flex-direction: column; gap: 0.8rem; margin: 0.9rem 0; --cell: clamp(27px, 8.4cqw, 34px); }
.mc-grad-pair { display: flex; gap: 1.4rem; }
@container (min-width: 540px) {
  .mc-grad-pairs { flex-direction: row; gap: 2.6rem; }
  .mc-grad-pair { flex-direction: column; gap: 0.9rem; }
  .mc-grad-pair > div { min-height: calc(5 * var(--cell) + 2.4em); }
}
.mc-grad-grid { display: grid; gap: 2px; width: max-content; }
.mc-grad-cell { position: relative; width: var(--cell); height: var(--cell); padding: 0; border: 1px solid var(--mc-line);
  border-radius: 4px; background: var(--mc-well); color: var(--mc-ink); font: inherit; font-size: 14px; line-height: 1;
  display: grid; place-items: center; }
button.mc-grad-cell { cursor: pointer; border-color: var(--mc-control); }
.mc-grad-cell.mc-on { border: 2px solid var(--mc-ink); color: #000; font-weight: 600; }
.mc-grad-cell small { position: absolute; top: 1px; left: 2px; font-size: 9px; font-weight: 400; }
.mc-grad-cell[aria-selected="true"] { outline: 3px solid var(--mc-accent); outline-offset: 1px; font-weight: 700; z-index: 1; }
.mc-grad-sum { margin: 0.3rem 0 0; min-height: 4.5em; line-height: 1.75; }
.mc-grad-sum span { white-space: nowrap; }
.mc-grad-sum small { margin-right: 3px; padding: 0 4px; border-radius: 7px; font-size: 10px; background: var(--mc-well); color: var(--mc-soft); }
.mc-grad-sum b { color: var(--mc-accent); font-size: 18px; white-space: nowrap; }
.mc-grad-set { display: flex; flex-wrap: wrap; gap: 0.4rem 1.4rem; }
`;

const WHAT = {
  y: ["x", "w", "In x and in w the numbers run the same way: a correlation."],
  dw: ["dy", "x", "In dy and in x the numbers run the same way: a correlation, and no flip."],
  dx: ["dy", "w", "In dy the numbers run forward, in w backward: there is the flip."],
};

export function mount(root, data) {
  const state = { stride: 1, padding: 0, dy: "mixed", name: "dx", row: 2, column: 2 };
  const arrays = () => ({ x: data.x, w: data.w, ...data.cases[`${state.stride}${state.padding}${state.dy}`] });

  // ---- the paths of one number: [place in the first factor, place in the second], in the reading order of the first
  function paths(name, row, column, { x, w, y }) {
    const { stride, padding } = state, found = [];
    y.forEach((line, i) => line.forEach((_, j) => w.forEach((taps, u) => taps.forEach((_, v) => {
      const p = stride * i + u - padding, q = stride * j + v - padding; // tap (u, v) of output (i, j) meets pixel (p, q)
      if (!(p in x && q in x[p])) return; // on the padding, which is 0
      const places = { y: [[i, j], [p, q], [u, v]], dw: [[u, v], [i, j], [p, q]], dx: [[p, q], [i, j], [u, v]] }[name];
      if (places[0][0] === row && places[0][1] === column) found.push(places.slice(1));
    }))));
    return found;
  }

  // ---- the parts
  const holders = Object.fromEntries(["x", "dx", "w", "dw", "y", "dy"].map((name) => {
    const chosen = name in WHAT;
    const grid = element("div", { class: "mc-grad-grid", "data-name": name, role: chosen ? "grid" : "img" });
    if (chosen) onArrows(grid, (down, right) => { // from the chosen square, or the first one of another grid
      const [row, column] = state.name === name ? [state.row, state.column] : [0, 0];
      choose(name, row + down, column + right, true);
    });
    return [name, grid];
  }));
  const titles = { x: "x image", w: "w filter", y: "y output", dx: "dx", dw: "dw", dy: "dy (given)" };
  const panel = (name) => element("div", {}, element("p", { class: "mc-title" }, titles[name]), holders[name]);
  const sum = element("p", { class: "mc-grad-sum" });
  const note = element("p", { class: "mc-note" });
  const live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const buttons = [];
  const setting = (label, key, options) => element("div", { class: "mc-row", role: "group", "aria-label": label }, label,
    options.map(([value, text]) => {
      const button = element("button", { class: "mc-button", type: "button", onclick: () => { state[key] = value; choose(state.name, state.row, state.column); } }, text);
      buttons.push([button, key, value]);
      return button;
    }));

  // ---- what the reader does
  function choose(name, row, column, focus = false) {
    const array = arrays()[name];
    Object.assign(state, { name, row: clamp(row, 0, array.length - 1), column: clamp(column, 0, array[0].length - 1) });
    draw();
    if (focus) holders[name].querySelector('[aria-selected="true"]').focus();
  }

  // ---- what the reader sees
  function draw() {
    const all = arrays(), { name, row, column } = state, [first, second, remark] = WHAT[name];
    const terms = paths(name, row, column, all);
    const number = { [first]: {}, [second]: {} };
    terms.forEach(([a, b], n) => { number[first][a] = n + 1; number[second][b] = n + 1; });

    for (const [grid, holder] of Object.entries(holders)) {
      const array = all[grid], far = Math.max(1, ...array.flat().map(Math.abs));
      holder.style.gridTemplateColumns = `repeat(${array[0].length}, var(--cell))`;
      const chosen = grid in WHAT;
      const rows = array.map((line, i) => {
        const cells = line.map((value, j) => {
          const n = number[grid]?.[[i, j]], selected = grid === name && i === row && j === column;
          const cell = element(chosen ? "button" : "div", { class: `mc-grad-cell${n ? " mc-on" : ""}`, ...(chosen && {
            type: "button", role: "gridcell", "aria-selected": String(selected), "aria-label": `${grid} row ${i}, column ${j}: ${format(value)}`,
            tabindex: selected || (grid !== name && i + j === 0) ? 0 : -1, onclick: () => choose(grid, i, j, true) }) },
            n ? element("small", {}, n) : "", format(value));
          if (n) cell.style.background = css(signed((0.5 * value) / far));
          return cell;
        });
        return chosen ? element("div", { role: "row", style: "display: contents" }, ...cells) : cells;
      });
      holder.replaceChildren(...rows.flat());
      holder.setAttribute("aria-label", `${grid}, ${array.length} by ${array[0].length}` +
        (chosen ? ". Arrow keys choose a number." : `: ${array.map((line) => line.map((v) => format(v)).join(" ")).join("; ")}`));
    }
    const total = terms.reduce((s, [a, b]) => s + all[first][a[0]][a[1]] * all[second][b[0]][b[1]], 0);
    const bracket = (v) => (v < 0 ? `(${format(v)})` : format(v));
    sum.replaceChildren(element("strong", {}, `${name}[${row}, ${column}]`), ` = sum of ${first} × ${second} = `,
      ...terms.flatMap(([a, b], n) => [n ? " + " : "", element("span", {}, element("small", {}, n + 1),
        `${bracket(all[first][a[0]][a[1]])}×${bracket(all[second][b[0]][b[1]])}`)]),
      " ", element("b", {}, `= ${format(total)}`));
    note.textContent = terms.length > 1 ? remark : "One path only.";
    live.textContent = `${name}, row ${row}, column ${column}: ${terms.length} paths, sum ${format(total)}.`;
    buttons.forEach(([button, key, value]) => button.setAttribute("aria-pressed", state[key] === value));
  }

  root.append(element("style", {}, STYLE), element("div", { class: "mc-grad" },
    element("p", { class: "mc-title" }, "Choose a number in y, dw or dx ", element("small", {}, "click, or use Tab and the arrow keys")),
    element("div", { class: "mc-grad-set" },
      setting("Stride", "stride", [[1, "1"], [2, "2"]]),
      setting("Padding", "padding", [[0, "0"], [1, "1"]]),
      setting("dy", "dy", [["mixed", "mixed"], ["single", "a single 1"], ["ones", "all 1"]])),
    element("div", { class: "mc-grad-pairs" }, [["x", "dx"], ["w", "dw"], ["y", "dy"]].map((pair) =>
      element("div", { class: "mc-grad-pair" }, pair.map(panel)))),
    sum, note, live));
  draw();
}
