/**
 * Logarithmic axes: where they begin and end, their ticks, and labels beside them.
 *
 * @module
 */

/** The part of an axis that is shown. */
export interface Domain {
  readonly low: number;
  readonly high: number;
}

/** Room beyond the outermost values, as a share of what lies between them, in logarithms. */
const MARGIN = 0.08;
/** The least factor from one end to the other, so that noise does not fill a plot. */
const LEAST = 1.25;

/** The domain of values. */
export function domainOf(values: readonly number[]): Domain {
  const low = Math.log(Math.min(...values));
  const high = Math.log(Math.max(...values));
  const lacking = Math.max(0, Math.log(LEAST) - (high - low)) / 2;
  const margin = MARGIN * (high - low) + lacking;
  return { low: Math.exp(low - margin), high: Math.exp(high + margin) };
}

const FEWEST = 3;
const MOST = 7;
/** First digits of ticks, from few to many. */
const DIGITS = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]];

/** From three to seven ticks; where digits give fewer, steps of one size. */
export function ticksOf({ low, high }: Domain): number[] {
  for (const digits of DIGITS) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      ticks.push(...digits.map((digit) => Number(`${digit}e${power}`)));
    }
    const inside = ticks.filter((tick) => low <= tick && tick <= high);
    if (inside.length >= FEWEST && inside.length <= MOST) return inside;
  }
  const power = Math.floor(Math.log10((high - low) / FEWEST));
  const step = [1, 2, 5, 10].map((digit) => Number(`${digit}e${power}`))
    .findLast((step) => step * FEWEST <= high - low)!;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

/**
 * Places for labels that do not cover each other: as near to their values as the others allow.
 *
 * @param gap The least factor between two of them.
 */
export function spread(values: readonly number[], gap: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const places = values.map(Math.log);
  const least = Math.log(gap);
  // Blocks of labels that touch, each centred on its values.
  const blocks: { members: number[]; middle: number }[] = [];
  for (const i of order) {
    let block = { members: [i], middle: places[i] };
    for (let below = blocks.at(-1); below !== undefined; below = blocks.at(-1)) {
      const distance = block.middle - below.middle;
      if (distance >= least * (below.members.length + block.members.length) / 2) break;
      blocks.pop();
      const members = [...below.members, ...block.members];
      const sum = members.reduce((sum, member) => sum + places[member], 0);
      block = { members, middle: sum / members.length };
    }
    blocks.push(block);
  }
  for (const { members, middle } of blocks) {
    members.forEach((member, i) => {
      places[member] = middle + least * (i - (members.length - 1) / 2);
    });
  }
  return places.map(Math.exp);
}
