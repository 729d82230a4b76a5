// The sheet of paper that LeNet-5 looks at: a digit that was picked, moved, or drawn by hand.

import { clamp } from "./interactive.js";

export const SIDE = 32; // pixels
const REACH = 4.2; // pixels from the middle of a stroke to where its ink ends: like the digits the network learned from
const inside = (i) => i >= 0 && i < SIDE;

export class Sheet {
  /** digits: pixels from 0 to 1, 1,024 for each. */
  constructor(digits) {
    this.digits = digits;
    this.pick(0);
  }
  /** The k-th stored digit, pixel by pixel. */
  digit(k) {
    return this.digits.slice(k * SIDE * SIDE, (k + 1) * SIDE * SIDE);
  }
  pick(k) {
    Object.assign(this, { chosen: k, paper: this.digit(k), down: 0, right: 0 });
  }
  clear() {
    Object.assign(this, { chosen: -1, paper: new Float64Array(SIDE * SIDE), down: 0, right: 0 });
  }
  /** Infinity, from the Home key, puts the digit back. */
  move(down, right) {
    const back = !Number.isFinite(down + right);
    this.down = back ? 0 : clamp(this.down + down, -SIDE, SIDE);
    this.right = back ? 0 : clamp(this.right + right, -SIDE, SIDE);
  }
  /** What the network sees, from 0 to 1: the paper where it was moved to, black around it. */
  get pixels() {
    return this.paper.map((_, k) => {
      const y = Math.floor(k / SIDE) - this.down, x = (k % SIDE) - this.right;
      return inside(y) && inside(x) ? this.paper[y * SIDE + x] : 0;
    });
  }
  /** Ink, or the rubber, from one point [y, x] to another. */
  stroke([fromY, fromX], [toY, toX], erase) {
    Object.assign(this, { chosen: -1, paper: this.pixels, down: 0, right: 0 });
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(toY - fromY, toX - fromX)));
    for (let s = 0; s <= steps; s++) {
      const y = fromY + ((toY - fromY) * s) / steps, x = fromX + ((toX - fromX) * s) / steps;
      this.paper.forEach((old, k) => {
        const distance = Math.hypot(Math.floor(k / SIDE) + 0.5 - y, (k % SIDE) + 0.5 - x), ink = clamp((REACH - distance) / 4, 0, 1);
        this.paper[k] = erase ? Math.min(old, 1 - ink) : Math.max(old, ink);
      });
    }
  }
  /** "Moved 3 up and 1 to the left.", or nothing. */
  get way() {
    const steps = [[this.down, "up", "down"], [this.right, "to the left", "to the right"]].filter(([d]) => d);
    return steps.length ? `Moved ${steps.map(([d, less, more]) => `${Math.abs(d)} ${d < 0 ? less : more}`).join(" and ")}.` : "";
  }
}
