import { calm, clamp, css, element, format, onArrows, player, signed } from "./interactive.js";

const STYLE = `
.mc-grad { container-type: inline-size; }
.mc-grad-board { position: relative; margin: 0.9rem 0 0.7rem; }
.mc-grad-pairs { display: flex; flex-direction: column; gap: 0.8rem; --cell: clamp(18px, (100cqw - 34px) / 10, 34px); }
.mc-grad-pair { display: flex; gap: 14px; }
@container (min-width: 540px) {
  .mc-grad-pairs { flex-direction: row; gap: 2.6rem; }
  .mc-grad-pair { flex-direction: column; gap: 1.2rem; }
  .mc-grad-pair > div { min-height: calc(5 * (var(--cell) + 4px) + 2.2em); }
  .mc-grad .mc-grad-cell { height: calc(var(--cell) + 2px); } .mc-grad .mc-grad-step { min-height: 1.5em; }
}
.mc-grad-grid { display: grid; gap: 2px; width: max-content; }
.mc-grad-cell { position: relative; width: var(--cell); height: calc(var(--cell) + 6px); padding: 8px 0 0; border: 1px solid var(--mc-control);
  border-radius: 4px; background: var(--mc-well); color: var(--mc-ink); font: inherit; font-size: 14px; line-height: 1;
  display: grid; place-items: center; cursor: pointer; }
.mc-grad-cell.mc-on { border: 2px solid var(--mc-ink); color: #000; font-weight: 600; }
.mc-grad-cell[data-n]::before { position: absolute; inset: 0 0 auto 0; font-size: 9px; font-weight: 400; line-height: 11px; }
.mc-grad [data-n]::before { content: attr(data-n); content: attr(data-n) / ""; } /* neither copied nor read aloud */
.mc-grad-cell[aria-selected="true"] { outline: 3px solid var(--mc-accent); outline-offset: 1px; font-weight: 700; z-index: 1; }
.mc-grad-cell.mc-hit { outline: 3px solid var(--mc-focus); outline-offset: -1px; z-index: 1; }
.mc-grad .mc-grad-arrows { position: absolute; inset: 0; height: 100%; z-index: 2; overflow: visible; pointer-events: none; }
.mc-grad-arrows path { fill: none; stroke: var(--mc-soft); stroke-width: 1; opacity: 0.25; }
.mc-grad-arrows .mc-hit path { stroke: var(--mc-focus); stroke-width: 2.5; opacity: 1; }
.mc-grad-arrows path.mc-head { fill: var(--mc-soft); stroke: none; opacity: 0.55; } .mc-grad-arrows .mc-hit path.mc-head { fill: var(--mc-focus); opacity: 1; }
.mc-grad-sum { margin: 0.3rem 0 0; line-height: 1.8; font-size: 14px; }
.mc-grad-sum [role="button"] { white-space: nowrap; padding: 1px 3px; border-radius: 5px; border: 1px solid transparent; cursor: pointer; }
.mc-grad-sum [data-n]::before { margin-right: 4px; padding: 0 4px; border-radius: 7px; font-size: 10px; background: var(--mc-well); color: var(--mc-soft); }
.mc-grad-sum [role="button"].mc-hit { border-color: var(--mc-focus); background: var(--mc-well); }
.mc-grad-sum b { color: var(--mc-accent); font-size: 18px; white-space: nowrap; }
.mc-grad-step { margin: 0.3rem 0 0; font-size: 14px; min-height: 3em; }
.mc-grad-top { flex-direction: row-reverse; justify-content: space-between; margin-bottom: 0.4rem; } .mc-grad-top p { margin: 0; flex: 1 0 11rem; }
.mc-grad-set { display: flex; flex-wrap: wrap; gap: 0.4rem 1.4rem; } .mc-grad-set .mc-button { min-width: 34px; }
@media (forced-colors: active) { .mc-grad-cell.mc-on { border-style: double; border-width: 4px; } .mc-grad-arrows path { opacity: 0.5; } }
`;

// What a chosen number is: a sum of products of two arrays, or a factor that goes on [through this, to that].
const ROLES = {
  y: { sum: ["x", "w"], remark: "In x and in w the numbers run the same way: a correlation." },
  dw: { sum: ["dy", "x"], remark: "In dy and in x the numbers run the same way: a correlation, and no flip." },
  dx: { sum: ["dy", "w"], remark: "In dy the numbers run forward, in w backward: there is the flip." },
  x: { goes: [["w", "y"]], remark: "Each output that sees this pixel sees it through another weight." },
  w: { goes: [["x", "y"]], remark: "This one weight meets every window, and has a part in every output." },
  dy: { goes: [["w", "dx"], ["x", "dw"]], remark: "The filter times dy is stamped onto dx, where this output looked; what it saw there, times dy, onto dw." },
};

export function mount(root, data) {
  const state = { stride: 1, padding: 0, dy: "mixed", name: "dx", row: 2, column: 2, pin: 0, terms: [] };
  const arrays = () => ({ x: data.x, w: data.w, ...data.cases[`${state.stride}${state.padding}${state.dy}`] });

  // ---- the paths of one number: the place in each array where tap (u, v) of output (i, j) meets pixel (p, q)
  function paths(name, row, column, { x, w, y }) {
    const { stride, padding } = state, found = [];
    y.forEach((line, i) => line.forEach((_, j) => w.forEach((taps, u) => taps.forEach((_, v) => {
      const p = stride * i + u - padding, q = stride * j + v - padding;
      if (!(p in x && q in x[p])) return; // on the padding, which is 0
      const places = { x: [p, q], dx: [p, q], w: [u, v], dw: [u, v], y: [i, j], dy: [i, j] };
      if (places[name][0] === row && places[name][1] === column) found.push(places);
    }))));
    return found;
  }

  // ---- the parts
  const titles = { x: "x image", w: "w filter", y: "y output", dx: "dx", dw: "dw", dy: "dy (given)" };
  const holders = Object.fromEntries(Object.keys(titles).map((name) => {
    const grid = element("div", { class: "mc-grad-grid", "data-name": name, role: "grid" });
    onArrows(grid, (down, right) => { // from the chosen square, or the first one of another grid
      const [row, column] = state.name === name ? [state.row, state.column] : [0, 0];
      choose(name, row + down, column + right, true);
    });
    return [name, grid];
  }));
  const panel = (name) => element("div", {}, element("p", { class: "mc-title" }, titles[name]), holders[name]);
  const arrows = element("svg.svg", { class: "mc-grad-arrows", "aria-hidden": "true" });
  const board = element("div", { class: "mc-grad-board",
    onpointerover: (event) => light(Number(event.target.closest("[data-n]")?.dataset.n ?? 0)), onpointerleave: () => light(0) },
    element("div", { class: "mc-grad-pairs" }, [["x", "dx"], ["w", "dw"], ["y", "dy"]].map((pair) =>
      element("div", { class: "mc-grad-pair" }, pair.map(panel)))), arrows);
  const sum = element("div", { class: "mc-grad-sum" });
  const step = element("p", { class: "mc-grad-step" }), note = element("p", { class: "mc-note" });
  const live = element("div", { class: "mc-hidden", "aria-live": "polite" });
  const buttons = [];
  const setting = (label, key, options) => element("div", { class: "mc-row", role: "group", "aria-label": label }, label,
    options.map(([value, text]) => {
      const button = element("button", { class: "mc-button", type: "button", onclick: () => { state[key] = value; choose(state.name, state.row, state.column); } }, text);
      buttons.push([button, key, value]);
      return button;
    }));
  const film = player(root, () => { // one path after the other; in calm, one for each press
    pin(state.pin < state.terms.length ? state.pin + 1 : 0);
    live.textContent = step.textContent;
    return state.pin > 0 && !calm();
  }, 1000, calm() ? "Next path" : "Play all paths");

  // ---- what the reader does
  function choose(name, row, column, focus = false) {
    const array = arrays()[name];
    film.stop();
    Object.assign(state, { name, row: clamp(row, 0, array.length - 1), column: clamp(column, 0, array[0].length - 1), pin: 0 });
    draw();
    if (focus) holders[name].querySelector('[aria-selected="true"]').focus();
  }
  function pin(n) {
    state.pin = n;
    sum.querySelectorAll("[data-n]").forEach((term) => term.setAttribute("aria-pressed", Number(term.dataset.n) === n));
    light(0);
  }

  // ---- what the reader sees
  const bracket = (v) => (v < 0 ? `(${format(v)})` : format(v));
  const at = (name, [i, j]) => `${name}[${i}, ${j}]`;

  /** Show path n, or the one that is pinned. */
  function light(n) {
    state.lit = n;
    const now = n || state.pin, all = arrays(), value = (name, p) => all[name][p[name][0]][p[name][1]];
    root.querySelectorAll("[data-n]").forEach((node) => node.classList.toggle("mc-hit", Number(node.dataset.n) === now));
    const { sum: factors, goes } = ROLES[state.name], path = state.terms[now - 1];
    if (!path) step.textContent = "";
    else if (factors) {
      const [a, b] = factors, products = state.terms.map((p) => value(a, p) * value(b, p));
      step.textContent = `Path ${now}: ${at(a, path[a])} × ${at(b, path[b])} = ${bracket(value(a, path))}×${bracket(value(b, path))} = ` +
        `${format(products[now - 1])}; so far ${format(products.slice(0, now).reduce((s, x) => s + x))}.`;
    } else {
      step.textContent = `Path ${now}: ` + goes.map(([via, to]) => `through ${at(via, path[via])} to ${at(to, path[to])}, which gets ` +
        format(value(state.name, path) * value(via, path))).join("; ") + ".";
    }
  }

  function drawGrid(grid, array, number) {
    const far = Math.max(1, ...array.flat().map(Math.abs));
    holders[grid].style.gridTemplateColumns = `repeat(${array[0].length}, var(--cell))`;
    holders[grid].setAttribute("aria-label", `${grid}, ${array.length} by ${array[0].length}. Arrow keys choose a number.`);
    holders[grid].replaceChildren(...array.map((line, i) => element("div", { role: "row", style: "display: contents" }, line.map((value, j) => {
      const n = number?.[[i, j]], selected = grid === state.name && i === state.row && j === state.column;
      const cell = element("button", { class: `mc-grad-cell${n ? " mc-on" : ""}`, type: "button", role: "gridcell", "data-n": n, "aria-selected": String(selected),
        "aria-label": `${grid} row ${i}, column ${j}: ${format(value)}${n ? `, path ${n}` : ""}`, tabindex: selected || (grid !== state.name && i + j === 0) ? 0 : -1,
        onclick: () => choose(grid, i, j, true) }, format(value));
      if (n) cell.style.background = css(signed((0.5 * value) / far));
      return cell;
    }))));
  }

  /** Arrows along each path, from the middle of a square to that of the next, without covering the numbers there. */
  function drawArrows() {
    const { name, terms } = state, { sum: factors, goes } = ROLES[name], box = board.getBoundingClientRect();
    const middle = (grid, [i, j]) => {
      const cell = holders[grid].children[i].children[j].getBoundingClientRect();
      return { x: cell.left + cell.width / 2 - box.left, y: cell.top + cell.height / 2 - box.top, r: cell.width / 2 + 1 };
    };
    const routes = factors ? [[...factors, name]] : goes.map(([via, to]) => [name, via, to]);
    arrows.replaceChildren(...terms.map((path, k) => element("svg.g", { "data-n": k + 1 }, routes.flatMap((route) => {
      const [a, b, c] = route.map((grid) => middle(grid, path[grid]));
      return [line(a, b), ...line(b, c, true)].flat();
    }))));
  }

  function draw() {
    const all = arrays(), { name, row, column } = state, { sum: factors, goes, remark } = ROLES[name];
    const terms = state.terms = paths(name, row, column, all), number = {};
    for (const grid of factors ?? goes.flat()) {
      number[grid] = {};
      terms.forEach((path, k) => { number[grid][path[grid]] = k + 1; });
    }
    for (const grid of Object.keys(holders)) drawGrid(grid, all[grid], number[grid]);

    const value = (grid, place) => all[grid][place[0]][place[1]];
    const term = (k, text, label) => element("span", { role: "button", tabindex: k ? -1 : 0, "data-n": k + 1, "aria-label": `path ${k + 1}: ${label ?? text}`,
      onclick: () => { film.stop(); pin(state.pin === k + 1 ? 0 : k + 1); }, onfocus: () => light(k + 1), onblur: () => light(0),
      onpointerenter: () => light(k + 1), onpointerleave: () => light(0) }, text);
    const head = element("strong", {}, at(name, [row, column])), count = `${terms.length} ${terms.length === 1 ? "path" : "paths"}`;
    if (factors) {
      const [a, b] = factors, total = terms.reduce((s, p) => s + value(a, p[a]) * value(b, p[b]), 0);
      sum.replaceChildren(head, ` = sum of ${a} × ${b} = `, ...terms.flatMap((p, k) =>
        [k ? " + " : "", term(k, `${bracket(value(a, p[a]))}×${bracket(value(b, p[b]))}`)]), " ", element("b", {}, `= ${format(total)}`));
      live.textContent = `${name}, row ${row}, column ${column}: ${count}, sum ${format(total)}.`;
    } else {
      const own = all[name][row][column];
      sum.replaceChildren(head, ` = ${format(own)}`, ...goes.map(([via, to]) => element("div", {}, ` goes through ${via} to ${to}: `,
        terms.flatMap((p, k) => [k ? ", " : "", term(k, `${bracket(own)}×${bracket(value(via, p[via]))}`,
          `${to} row ${p[to][0]}, column ${p[to][1]} gets ${format(own)} × ${format(value(via, p[via]))}`)]))));
      live.textContent = `${name}, row ${row}, column ${column}: ${format(own)}; ${count} to ${goes.map((g) => g[1]).join(" and to ")}.`;
    }
    note.textContent = `${count[0].toUpperCase()}${count.slice(1)}. ${terms.length > 1 ? remark : ""}`;
    buttons.forEach(([button, key, setting]) => button.setAttribute("aria-pressed", state[key] === setting));
    drawArrows();
    light(0);
  }
  sum.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    event.target.click?.();
  });
  onArrows(sum, (down, right) => { // from one term to the next
    const list = [...sum.querySelectorAll("[data-n]")], now = list.indexOf(document.activeElement);
    const next = list[clamp(now + (down || right), 0, list.length - 1)];
    list.forEach((term) => { term.tabIndex = term === next ? 0 : -1; });
    next?.focus();
  });

  root.append(element("style", {}, STYLE), element("div", { class: "mc-grad" },
    element("div", { class: "mc-row mc-grad-top" }, film.button,
      element("p", { class: "mc-title" }, "Choose a number ", element("small", {}, "click, or use Tab and the arrow keys"))),
    element("div", { class: "mc-grad-set" },
      setting("Stride", "stride", [[1, "1"], [2, "2"]]),
      setting("Padding", "padding", [[0, "0"], [1, "1"]]),
      setting("dy", "dy", [["mixed", "mixed"], ["single", "a single 1"], ["ones", "all 1"]])),
    board, sum, note, step, live));
  draw();
  new ResizeObserver(() => { drawArrows(); light(state.lit); }).observe(board);
}

/** A curve from a to b, from edge to edge of their squares; with its head, if it is the last. */
function line(a, b, last = false) {
  const dx = b.x - a.x, dy = b.y - a.y, far = Math.hypot(dx, dy) || 1, ux = dx / far, uy = dy / far;
  const x0 = a.x + a.r * ux, y0 = a.y + a.r * uy, x1 = b.x - b.r * ux, y1 = b.y - b.r * uy;
  const bend = 0.1 * far, mx = (x0 + x1) / 2 - bend * uy, my = (y0 + y1) / 2 + bend * ux;
  const curve = element("svg.path", { d: `M${x0} ${y0}Q${mx} ${my} ${x1} ${y1}` });
  if (!last) return [curve];
  const tx = x1 - mx, ty = y1 - my, t = Math.hypot(tx, ty) || 1, [vx, vy] = [tx / t, ty / t], size = 7;
  const head = `M${x1} ${y1}L${x1 - size * vx - 0.5 * size * vy} ${y1 - size * vy + 0.5 * size * vx}L${x1 - size * vx + 0.5 * size * vy} ${y1 - size * vy - 0.5 * size * vx}Z`;
  return [curve, element("svg.path", { class: "mc-head", d: head })];
}
