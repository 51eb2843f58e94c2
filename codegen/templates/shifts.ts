/**
 * The shift of a set: a number near its mean, which is subtracted before anything is summed. It must not
 * be an outlier, as all other elements would be rounded at that one's last place.
 */
import { at, type Cell, type Field, type Vector } from "./_coordinates.ts";

/** shift[n, c]: the first element of each set, or 0 if that is infinite. */
export function firstElement(this: Cell<never>, x: Field): number {
  const first = at(x, this.cell.n, this.cell.c, 0);
  return Math.abs(first) <= 3.4028234663852886e38 ? first : 0;
}

/**
 * shift[n, c]: an element of each set that is not far from the others, or 0 if that is infinite. It is
 * the median of the medians of three threes of neighbours, `apart` from each other: three elements that
 * lie far out, wherever they are, cannot make it one of them. Positions that a set of fewer than nine
 * lacks are replaced by the first.
 *
 * It is rounded to a multiple of about the spread of the nine, which costs an ordinary element nothing
 * and keeps all digits of one that lies far out.
 *
 * Source of the choice: Tukey, "The ninther, a technique for low-effort robust (resistant) location in
 * large samples", 1978.
 */
export function middleElement(this: Cell<"positions" | "start" | "apart">, x: Field): number {
  const largest = 3.4028234663852886e38;
  let least = largest;
  let greatest = -largest;
  let middle = 0;
  let spread = largest;
  for (let three = 0; three < 3; three++) {
    const s = this.constants.start + three * this.constants.apart;
    let p = at(x, this.cell.n, this.cell.c, 0);
    let q = p;
    let r = p;
    if (s < this.constants.positions) {
      p = at(x, this.cell.n, this.cell.c, s);
    }
    if (s + 1 < this.constants.positions) {
      q = at(x, this.cell.n, this.cell.c, s + 1);
    }
    if (s + 2 < this.constants.positions) {
      r = at(x, this.cell.n, this.cell.c, s + 2);
    }
    // Choices, as processors have no instruction for the least and greatest that keeps NaN.
    const low = p < q ? p : q;
    const high = p < q ? q : p;
    const inner = high < r ? high : r;
    const median = low < inner ? inner : low;
    const below = greatest < median ? greatest : median;
    middle = least < below ? below : least;
    least = median < least ? median : least;
    greatest = greatest < median ? median : greatest;
    const range = (high < r ? r : high) - (low < r ? low : r);
    spread = range < spread ? range : spread;
  }
  spread = Math.min(spread, greatest - least);
  // 2^24 times the spread, added and taken away, leaves a multiple of about the spread.
  const coarse = Math.min(16777216 * spread, 8.507059173023462e37);
  const rounded = middle + coarse - coarse;
  if (Math.abs(rounded) <= largest) {
    middle = rounded;
  }
  return Math.abs(middle) <= largest ? middle : 0;
}

/**
 * shift[n, c]: the median of three medians of three elements, each from one of the ninths of the whole
 * weight. By weight, and not by number: one of next to no weight may lie many deviations away.
 *
 * Places at the golden section of the ninths meet those next to nothing by chance alone. Simple fractions
 * of the whole lie between the samples where every second one, say, has a weight: just where the others
 * are.
 */
export function middleWeighted(this: Cell<"positions">, x: Field, weights: Vector): number {
  let whole = 0;
  for (let s = 0; s < this.constants.positions; s++) {
    whole += weights[s];
  }
  let before = 0;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = 0;
  for (let s = 0; s < this.constants.positions; s++) {
    if (weights[s] > 0) {
      const value = at(x, this.cell.n, this.cell.c, s);
      const ninths = 9 * before / whole;
      // Each is the last one that begins before its place: the one that the place lies in.
      a = ninths <= 0.618034 ? value : a;
      b = ninths <= 1.618034 ? value : b;
      c = ninths <= 2.618034 ? value : c;
      d = ninths <= 3.618034 ? value : d;
      e = ninths <= 4.618034 ? value : e;
      f = ninths <= 5.618034 ? value : f;
      g = ninths <= 6.618034 ? value : g;
      h = ninths <= 7.618034 ? value : h;
      i = ninths <= 8.618034 ? value : i;
      before += weights[s];
    }
  }
  const first = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  const second = Math.max(Math.min(d, e), Math.min(Math.max(d, e), f));
  const third = Math.max(Math.min(g, h), Math.min(Math.max(g, h), i));
  const middle = Math.max(
    Math.min(first, second),
    Math.min(Math.max(first, second), third),
  );
  return Math.abs(middle) <= 3.4028234663852886e38 ? middle : 0;
}
