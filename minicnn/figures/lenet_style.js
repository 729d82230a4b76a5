// The look of LeNet-5; colours are the page's own, so that dark pages and forced colours need nothing else.

export const STYLE = `
.mc-lenet { container-type: inline-size; --mc-plus: #d55e00; --mc-minus: #0072b2; --mc-mark: var(--mc-ink); font-size: 13px; line-height: 1.35; }
.mc-lenet p { margin: 0; }
.mc-say { display: flex; gap: 0 1rem; justify-content: space-between; align-items: baseline; margin-bottom: 0.4rem; white-space: nowrap; color: var(--mc-soft); }
.mc-say b { color: var(--mc-ink); font-size: 14px; font-weight: 600; }
.mc-lenet:not(.mc-wide) .mc-say { flex-direction: column; min-height: 32px; margin-bottom: 0.2rem; line-height: 16px; }
@media (max-width: 480px) { .mc-figure:has(.mc-lenet) { padding-block: 0.5rem; } }
.mc-lenet :is(canvas, em, u, i) { display: block; font-style: normal; text-decoration: none; }
.mc-stage { position: relative; max-width: 700px; margin: 0 auto; }
.mc-stage > * { position: absolute; }
.mc-stage > canvas, .mc-figure .mc-stage > svg { inset: 0; width: 100%; height: 100%; pointer-events: none; }
.mc-under path { opacity: var(--mc-faint, 1); fill: none; stroke: var(--mc-line); stroke-width: 0.7; }
.mc-under .mc-all { fill: var(--mc-line); fill-opacity: 0.4; stroke: none; }
.mc-paper { fill: var(--mc-well); stroke: var(--mc-line); stroke-width: 1; }
.mc-over path { fill: none; }
.mc-over .mc-far { stroke: var(--mc-control); stroke-width: 1; }
.mc-over .mc-plus { stroke: var(--mc-plus); } .mc-over .mc-minus { stroke: var(--mc-focus); stroke-dasharray: 6 3; }
.mc-over path.mc-halo { stroke: var(--mc-card); stroke-width: 5; stroke-opacity: 0.7; }
.mc-over rect { fill: none; } .mc-over rect.mc-halo { stroke: var(--mc-card); stroke-width: 4; }
.mc-over .mc-frame { stroke: var(--mc-mark); stroke-width: 1.8; }
.mc-head, .mc-scale { font-size: 11px; line-height: 14px; white-space: nowrap; }
.mc-head small, .mc-scale { color: var(--mc-soft); font-size: 10px; }
.mc-head, .mc-head + span { pointer-events: none; text-align: right; text-shadow: 0 0 2px var(--mc-card), 0 0 2px var(--mc-card), 0 0 4px var(--mc-card); }
.mc-lenet:not(.mc-wide) .mc-head + span { right: 0; } .mc-lenet:not(.mc-wide) .mc-head:first-of-type small { display: none; }
.mc-wide .mc-head, .mc-wide .mc-head + span { text-align: center; }
.mc-wide .mc-head small { display: block; }
.mc-lenet .mc-scale { display: inline-flex; gap: 3px; align-items: center; }
.mc-lenet .mc-scale i { flex: none; width: 22px; height: 7px; border: 1px solid var(--mc-control); }
.mc-lenet i.mc-plus { background: linear-gradient(90deg, transparent, rgb(213 94 0 / 0.38) 25%, rgb(213 94 0 / 0.62) 50%, var(--mc-plus)); }
.mc-lenet i.mc-grey { background: linear-gradient(90deg, #000, #fff); }
.mc-lenet i.mc-signed { width: 34px; background: linear-gradient(90deg, var(--mc-minus), transparent, var(--mc-plus)); }
.mc-area { cursor: crosshair; touch-action: pan-y; }
.mc-area-x { touch-action: none; cursor: grab; overflow: hidden; } .mc-area-x:active { cursor: grabbing; }
.mc-area-x:not([data-mode="move"]) { cursor: crosshair; }
.mc-pen { position: absolute; width: 14px; height: 14px; margin: -7px; border: 2px solid #fff; border-radius: 50%; box-shadow: 0 0 0 1px #000; pointer-events: none; }
[data-mode="move"] .mc-pen { display: none; } .mc-pen.mc-inking { background: var(--mc-plus); }
.mc-controls { display: grid; grid-template-rows: minmax(0, 1fr) auto auto; gap: 5px; }
.mc-picks { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 4px; min-height: 0; }
.mc-picks button { min-width: 0; min-height: 0; padding: 2px; border: 1px solid var(--mc-control); border-radius: 5px; background: #000; cursor: pointer; }
.mc-picks canvas { height: 100%; max-width: 100%; margin: auto; aspect-ratio: 1; image-rendering: pixelated; }
.mc-picks button[aria-pressed="true"] { outline: 3px solid var(--mc-accent); outline-offset: -1px; }
.mc-tools, .mc-arrows { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 4px; }
.mc-figure .mc-lenet .mc-button { min-width: 0; min-height: 26px; padding: 0 2px; border-radius: 5px; font-size: 12px; line-height: 1; }
.mc-wide .mc-tools { grid-template-columns: 1fr 1fr; }
.mc-bar { position: absolute; display: grid; align-content: center; padding: 1px 3px; font-size: 11.5px; line-height: 15px; }
.mc-bar em { text-align: right; } .mc-bar span { grid-area: 1 / 1; } .mc-wide .mc-bar em { grid-area: 1 / 1; }
.mc-bar u { position: relative; height: 8px; border: 1px solid var(--mc-control); border-radius: 2px; background: var(--mc-well); overflow: hidden; }
.mc-lenet .mc-bar i { position: absolute; left: 0; bottom: 0; width: 100%; height: 100%; background: var(--mc-focus); }
.mc-best { font-weight: 700; }
.mc-lenet:not(.mc-wide) .mc-bar { grid-template-rows: 1fr 11px 11px; padding: 0 2px; font-size: 10px; line-height: 11px; text-align: center; align-content: stretch; }

.mc-lenet:not(.mc-wide) .mc-bar :is(u, em, span) { grid-area: auto; text-align: center; }
.mc-lenet:not(.mc-wide) .mc-bar u { grid-row: 1; height: auto; }
.mc-why { margin-top: 0.5rem; padding-top: 0.4rem; border-top: 1px solid var(--mc-line); background: var(--mc-card); }
@media (min-height: 560px) and (max-height: 700px), (max-width: 600px) and (min-height: 560px) and (max-height: 800px) { .mc-why { position: sticky; bottom: 0; z-index: 1; } } /* where the figure is taller than the screen */
.bd-content div.cell_output .text_html:has(.mc-lenet) { overflow: visible; } /* or the book's scrolling box would hold it */
.mc-why .mc-row { justify-content: space-between; flex-wrap: nowrap; min-height: 26px; margin-bottom: 0.4rem; }
.mc-figure .mc-why .mc-title { margin: 0; } .mc-title strong { color: var(--mc-accent); }
.mc-figure .mc-why .mc-button { flex: none; padding: 0 10px; }
.mc-sum { display: flex; gap: 0.5rem 0.8rem; align-items: center; height: 148px; contain: strict; }
.mc-sum > p { flex: 1; min-width: 0; } .mc-sum b { color: var(--mc-accent); font-size: 15px; }
.mc-sum small { font-size: 11px; color: var(--mc-soft); } .mc-sum p small { display: block; margin-top: 0.3rem; } .mc-sum small.mc-legend { margin: 0 0 0.3rem; }
.mc-pair { flex: none; text-align: center; line-height: 14px; }
.mc-grid { display: grid; --side: 127px; grid-template: repeat(var(--k), 1fr) / repeat(var(--k), 1fr); box-sizing: content-box; width: var(--side); height: var(--side); margin: 0 auto 2px; border: 1px solid var(--mc-control); background: var(--mc-card); forced-color-adjust: none; color: var(--mc-ink); }
.mc-grid span { min-width: 0; overflow: hidden; font-size: 9px; line-height: calc(var(--side) / var(--k)); text-align: center; box-shadow: 0 0 0 0.5px var(--mc-control); }
.mc-tiles { width: 62px; aspect-ratio: 1; margin-bottom: 3px; border: 1px solid var(--mc-control); image-rendering: pixelated; }
.mc-sign { font-size: 18px; color: var(--mc-soft); }
.mc-pairs { flex: none; display: flex; gap: 9px; } .mc-sum small { white-space: nowrap; } .mc-sum p small { white-space: normal; }
.mc-sum table { border-collapse: collapse; background: none; font-size: 12.5px; line-height: 1.35; }
.mc-figure .mc-sum tr { background: none; } .mc-figure .mc-sum td { padding: 0 1rem 0 0; text-align: left; white-space: nowrap; border: 0; } .mc-figure .mc-sum td:nth-child(3) { text-align: right; }
.mc-figure .mc-sum .mc-part { position: relative; width: 110px; padding: 0; }
.mc-part i { position: absolute; top: 4px; height: 9px; } .mc-part .mc-pos { left: 50%; background: var(--mc-plus); } .mc-part .mc-neg { right: 50%; background: var(--mc-minus); }
.mc-sum:is([data-layer="s2"], [data-layer="s4"]) .mc-grid { --side: 100px; } .mc-sum:is([data-layer="s2"], [data-layer="s4"]) .mc-grid span { font-size: 14px; }
.mc-lenet:not(.mc-wide) { font-size: 12px; }
.mc-lenet:not(.mc-wide) .mc-sum { gap: 0.3rem; height: 178px; line-height: 1.3; }
.mc-lenet:not(.mc-wide) .mc-why { margin-top: 0.25rem; padding-top: 0.25rem; } .mc-lenet:not(.mc-wide) .mc-sum > p { font-size: 11.5px; } .mc-lenet:not(.mc-wide) .mc-sum p small { margin-top: 0.15rem; }
.mc-lenet:not(.mc-wide) .mc-sum[data-layer="c1"] :is(.mc-sign, .mc-pair:nth-of-type(3)) { display: none; }
.mc-lenet:not(.mc-wide) .mc-sum[data-layer="c1"] { flex-wrap: wrap; align-content: start; justify-content: space-around; } .mc-lenet:not(.mc-wide) .mc-sum[data-layer="c1"] p { flex-basis: 100%; }
.mc-lenet:not(.mc-wide) .mc-sum[data-layer="c1"] .mc-grid { --side: 102px; letter-spacing: -0.4px; }
.mc-lenet:not(.mc-wide) .mc-sum[data-layer="c1"] .mc-grid span { font-size: 8.5px; }
.mc-figure .mc-lenet:not(.mc-wide) .mc-sum td { padding-right: 0.5rem; } .mc-figure .mc-lenet:not(.mc-wide) .mc-sum .mc-part { width: 60px; padding: 0; }
.mc-lenet:not(.mc-wide) .mc-pairs { gap: 5px; } .mc-lenet:not(.mc-wide) .mc-pairs .mc-pair { flex: 1; } .mc-lenet:not(.mc-wide) .mc-pairs .mc-tiles { width: 100%; max-width: 46px; margin-inline: auto; }
.mc-figure .mc-lenet:not(.mc-wide) .mc-title { font-size: 12.5px; } .mc-lenet:not(.mc-wide) .mc-why .mc-row { height: 30px; margin-bottom: 0.2rem; }
.mc-lenet:not(.mc-wide) .mc-sum p small.mc-legend { display: inline; margin-right: 0.6rem; } .mc-lenet:not(.mc-wide) .mc-legend + .mc-legend::after { content: "\\a"; white-space: pre; }
.mc-lenet:not(.mc-wide) .mc-sum:is([data-layer="c3"], [data-layer="f5"], [data-layer="f6"], [data-layer="out"]) { flex-direction: column; align-items: stretch; justify-content: start; }
@container (max-width: 300px) {
  .mc-figure .mc-controls .mc-button { font-size: 10px; } .mc-figure .mc-sum td:nth-child(2) { display: none; }
  .mc-figure .mc-lenet .mc-sum { height: 212px; }
}
@media (forced-colors: active) { /* what interactive.css does not say */
  .mc-lenet { --mc-faint: 0.4; --mc-mark: Highlight; --mc-accent: Highlight; --mc-line: GrayText; }
  .mc-over .mc-minus { stroke: CanvasText; }
  .mc-lenet :is(canvas, i, svg), .mc-picks button { forced-color-adjust: none; }
}
`;
