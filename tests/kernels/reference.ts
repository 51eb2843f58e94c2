/**
 * What every generated kernel must compute, one cell at a time, in float64: written from the
 * definitions and not from the templates.
 *
 * @module
 */
import type { Kernel } from "../../ops/plan/kernel.ts";
import { activate, type ActivationName } from "../oracle/activations.ts";

/** An argument as a reference reads it: by sample, channel and position, by row and column, or by index. */
export interface Arguments {
  readonly field: (name: string, n: number, c: number, s: number) => number;
  readonly matrix: (name: string, row: number, column: number) => number;
  readonly vector: (name: string, i: number) => number;
  readonly scalar: (name: string) => number;
  readonly constant: (name: string) => number;
}

/** The value of one cell. */
export type Reference = (
  args: Arguments,
  holes: Kernel["holes"],
  at: { readonly n: number; readonly c: number; readonly s: number },
  format: Kernel["format"],
) => number;

const sum = (terms: number[]) => terms.reduce((total, term) => total + term, 0);
const range = (length: number) => Array.from({ length }, (_, i) => i);

/** The positions of chunk k: a run of them in channelsLast, every chunks-th one in channelsFirst. */
function chunk({ constant }: Arguments, format: Kernel["format"], k: number): number[] {
  const [positions, chunks, length] = ["positions", "chunks", "length"].map(constant);
  return range(positions).filter((s) =>
    format === "channelsLast" ? Math.floor(s / length) === k : s % chunks === k
  );
}

function weightsOf({ vector, constant }: Arguments, holes: Kernel["holes"]): number[] {
  return range(constant("positions")).map((s) => holes.WEIGHTED ? vector("weights", s) : 1);
}

/** GDN's pool of an element, which "power" finds raised already. */
function raised(v: number, pool: boolean | string): number {
  return pool === "square" ? v * v : pool === "absolute" ? Math.abs(v) : v;
}

function exponentOf(root: boolean | string, scalar: Arguments["scalar"]): number {
  return root === "square" ? 0.5 : root === "one" ? 1 : scalar("epsilon");
}

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  neg: (x) => -x,
  sqrt: Math.sqrt,
};

/** A power of |x|, with the sign of x where the power is odd. */
function signed(odd: boolean, x: number, exponent: number): number {
  return (odd ? Math.sign(x) : 1) * Math.abs(x) ** exponent;
}

/** What a vector of some length is multiplied by, so that its length comes closer to two limits. */
function rescaling(length: number, scalar: Arguments["scalar"]): number {
  const wanted = Math.min(Math.max(length, scalar("least")), scalar("most"));
  const rate = scalar("rate");
  return (rate * wanted + (1 - rate) * length) / (1e-7 + length);
}

/** The references by the name of the template function. */
export const references: Readonly<Record<string, Reference>> = {
  add: ({ vector }, _, { c }) => vector("a", c) + vector("b", c),
  subtract: ({ vector }, _, { c }) => vector("a", c) - vector("b", c),
  multiply: ({ vector }, _, { c }) => vector("a", c) * vector("b", c),
  affine: ({ vector, scalar }, _, { c }) => vector("a", c) * scalar("factor") + scalar("term"),
  spread: ({ matrix }, _, { n, c }) => matrix("a", n, c),

  divide: ({ vector }, _, { c }) => vector("a", c) / vector("b", c),
  elementary: ({ vector }, { FUNCTION }, { c }) => FUNCTIONS[`${FUNCTION}`](vector("x", c)),
  absVjp: ({ vector }, _, { c }) => Math.sign(vector("x", c)) * vector("dy", c),
  sqrtVjp: ({ vector }, _, { c }) => vector("dy", c) / (2 * vector("y", c)),
  squareVjp: ({ vector }, _, { c }) => 2 * vector("x", c) * vector("dy", c),
  bounded: ({ vector, scalar }, { SIDE }, { c }) =>
    SIDE === "max"
      ? Math.max(vector("x", c), scalar("bound"))
      : Math.min(vector("x", c), scalar("bound")),
  boundedVjp: ({ vector, scalar }, { SIDE }, { c }) => {
    const above = vector("x", c) - scalar("bound");
    return (SIDE === "max" ? above : -above) < 0 ? 0 : vector("dy", c);
  },
  raised: ({ vector, scalar }, { PARITY }, { c }) =>
    signed(PARITY === "odd", vector("x", c), scalar("exponent")),
  raisedVjp: ({ vector, scalar }, { PARITY }, { c }) =>
    scalar("exponent") * signed(PARITY === "even", vector("x", c), scalar("less")) *
    vector("dy", c),
  // No half is drawn here: those are tested apart.
  rounded: ({ vector }, _, { c }) => Math.round(vector("x", c)),
  transposed: ({ field }, _, { n, c, s }) => field("x", n, s, c),
  biased: ({ field, vector }, _, { n, c, s }) => field("x", n, c, s) + vector("bias", c),

  largest: ({ field, constant }, _, { n, c }) =>
    Math.max(...range(constant("positions")).map((s) => field("x", n, c, s))),
  exponentials: ({ field, matrix, constant }, _, { n, c }) =>
    sum(
      range(constant("positions")).map((s) =>
        Math.exp(field("logits", n, c, s) - matrix("most", n, c))
      ),
    ),
  crossEntropy: ({ field, matrix, constant }, _, { n, c }) => {
    const partition = Math.log(matrix("total", n, c)) + matrix("most", n, c);
    return sum(
      range(constant("positions")).map((s) =>
        field("labels", n, c, s) * (partition - field("logits", n, c, s))
      ),
    );
  },
  crossEntropyLogits: ({ field, matrix }, _, { n, c, s }) => {
    const partition = Math.log(matrix("total", n, c)) + matrix("most", n, c);
    const softmax = Math.exp(field("logits", n, c, s) - partition);
    return matrix("dy", n, c) * (matrix("mass", n, c) * softmax - field("labels", n, c, s));
  },
  crossEntropyLabels: ({ field, matrix }, _, { n, c, s }) => {
    const partition = Math.log(matrix("total", n, c)) + matrix("most", n, c);
    return matrix("dy", n, c) * (partition - field("logits", n, c, s));
  },

  lengthFactor: ({ vector, scalar }, _, { c }) => rescaling(vector("squares", c) ** 0.5, scalar),
  lengthSlope: ({ vector, scalar }, _, { c }) => {
    const length = vector("squares", c) ** 0.5;
    const step = 1e-5;
    const rise = rescaling(length + step, scalar) - rescaling(length - step, scalar);
    return vector("share", c) * rise / (2 * step) / length;
  },

  power: ({ vector, scalar }, _, { c }) => Math.abs(vector("x", c)) ** scalar("alpha"),
  rectify: ({ vector }, _, { c }) => Math.max(0, vector("x", c)),
  effective: ({ vector, scalar }, _, { c }) =>
    Math.max(vector("stored", c), scalar("bound")) ** 2 - scalar("pedestal"),
  gdn: (args, { INVERSE, POOL, ROOT }, { n, c, s }) => {
    const u = args.vector("beta", c) + sum(
      range(args.constant("channels")).map((j) =>
        raised(args.field("pool", n, j, s), POOL) * args.matrix("gamma", j, c)
      ),
    );
    const exponent = exponentOf(ROOT, args.scalar);
    return args.field("x", n, c, s) * u ** (INVERSE ? exponent : -exponent);
  },

  gdnSum: (args, { POOL }, { n, c, s }) =>
    args.vector("beta", c) + sum(
      range(args.constant("channels")).map((j) =>
        raised(args.field("pool", n, j, s), POOL) * args.matrix("gamma", j, c)
      ),
    ),
  gdnOutput: ({ vector, scalar }, { INVERSE, ROOT }, { c }) =>
    vector("x", c) * vector("u", c) ** ((INVERSE ? 1 : -1) * exponentOf(ROOT, scalar)),
  gdnPull: ({ vector, scalar }, { INVERSE, ROOT }, { c }) => {
    const power = (INVERSE ? 1 : -1) * exponentOf(ROOT, scalar);
    return power * vector("dy", c) * vector("x", c) * vector("u", c) ** (power - 1);
  },
  gdnBack: ({ field, matrix, constant }, _, { n, c, s }) =>
    sum(range(constant("channels")).map((i) => matrix("gamma", c, i) * field("pull", n, i, s))),
  gdnInput: ({ vector, scalar }, { INVERSE, RECTIFY, POOL, ROOT }, { c }) => {
    const power = (INVERSE ? 1 : -1) * exponentOf(ROOT, scalar);
    const alpha = POOL === "square" ? 2 : POOL === "absolute" ? 1 : scalar("alpha");
    const x = vector("x", c);
    if (RECTIFY && !(x > 0)) return 0;
    return vector("dy", c) * vector("u", c) ** power +
      alpha * Math.sign(x) * Math.abs(x) ** (alpha - 1) * vector("back", c);
  },
  gdnAlpha: ({ vector, scalar }, { POOL }, { c }) => {
    const alpha = POOL === "square" ? 2 : POOL === "absolute" ? 1 : scalar("alpha");
    const size = Math.abs(vector("x", c));
    return size ** alpha * Math.log(size) * vector("back", c);
  },
  gdnEpsilon: ({ vector, scalar }, { INVERSE, ROOT }, { c }) => {
    const u = vector("u", c);
    const sign = INVERSE ? 1 : -1;
    const y = vector("x", c) * u ** (sign * exponentOf(ROOT, scalar));
    return sign * vector("dy", c) * y * Math.log(u);
  },
  gdnOuter: (args, { POOL }, { n, c, s }, format) => {
    const [positions, length] = ["positions", "length"].map(args.constant);
    const isLast = format === "channelsLast";
    const steps = range(length).map((k) => isLast ? n * length + k : k);
    return sum(
      steps.filter((step) => step < positions).map((step) =>
        isLast
          ? raised(args.field("pool", 0, s, step), POOL) * args.field("pull", 0, c, step)
          : raised(args.field("pool", n, c, step), POOL) * args.field("pull", n, s, step)
      ),
    );
  },
  effectiveVjp: ({ vector, scalar }, _, { c }) => {
    const stored = vector("stored", c);
    const pushed = 2 * Math.max(stored, scalar("bound")) * vector("cotangent", c);
    return stored >= scalar("bound") || pushed < 0 ? pushed : 0;
  },

  chunkSum: (args, { SCALED }, { n, c, s: k }, format) =>
    sum(
      chunk(args, format, k).map((s) => {
        const [row, column] = format === "channelsLast" ? [s, c] : [c, s];
        return args.field("x", n, c, s) * (SCALED ? args.matrix("gamma", row, column) : 1);
      }),
    ),
  chunkDot: (args, _, { n, c, s: k }, format) => {
    const mean = args.matrix("shift", n, c) + args.matrix("delta", n, c);
    return sum(
      chunk(args, format, k).map((s) =>
        (args.field("x", n, c, s) - mean) * args.field("dy", n, c, s)
      ),
    );
  },
  normShare: ({ field, matrix }, _, { n, c, s }) => {
    const deviation = field("x", n, c, s) - matrix("shift", n, c) - matrix("delta", n, c);
    return deviation * matrix("inverse", n, c) * field("dy", n, c, s);
  },
  normInput: ({ field, matrix }, { PER_SAMPLE, PER_POSITION }, { n, c, s }) => {
    const row = PER_SAMPLE ? n : 0;
    const gamma = PER_POSITION ? matrix("gamma", c, s) : 1;
    return gamma * matrix("scale", row, c) * field("dy", n, c, s) - matrix("offset", row, c) -
      matrix("slope", row, c) * (field("x", n, c, s) - matrix("shift", row, c));
  },
  normPush: ({ vector }, _, { c }) => vector("inverse", c) * vector("sum", c) / vector("count", 0),
  normSlope: ({ vector }, _, { c }) =>
    vector("inverse", c) ** 2 * vector("share", c) / vector("count", 0),
  normOffset: ({ vector }, _, { c }) => vector("push", c) - vector("slope", c) * vector("delta", c),
  normWeight: ({ vector, scalar }, _, { c }) => {
    const mean = vector("deviation", c);
    const elements = scalar("elements");
    // Sums over a sample of the deviations from the mean of all samples, and of their squares.
    const first = elements * mean;
    const second = vector("squares", c) + elements * mean ** 2;
    return -vector("push", c) * first -
      0.5 * vector("slope", c) * (second - elements * vector("variance", c));
  },
  activationVjp: ({ vector }, { ACTIVATION }, { c }) => {
    const f = (z: number) => activate(z, ACTIVATION as ActivationName);
    const z = vector("z", c);
    const step = 1e-5;
    return vector("dy", c) * (f(z + step) - f(z - step)) / (2 * step);
  },

  chunkShare: (args, { SCALED }, { n, c, s: k }, format) =>
    sum(
      chunk(args, format, k).map((s) =>
        (SCALED ? args.vector("gamma", s) : 1) * args.field("dy", n, c, s) *
        args.field("x", n, c, s)
      ),
    ),
  rmsOutput: ({ field, matrix, vector }, { SCALED }, { n, c, s }) =>
    field("x", n, c, s) * matrix("inverse", n, c) * (SCALED ? vector("gamma", s) : 1),
  rmsSlope: ({ vector, scalar }, _, { c }) =>
    vector("inverse", c) ** 3 * vector("share", c) / scalar("elements"),
  rmsInput: ({ field, matrix, vector }, { SCALED }, { n, c, s }) =>
    matrix("inverse", n, c) * field("dy", n, c, s) * (SCALED ? vector("gamma", s) : 1) -
    matrix("slope", n, c) * field("x", n, c, s),
  rmsGamma: ({ field, matrix }, _, { n, c, s }) =>
    field("dy", n, c, s) * field("x", n, c, s) * matrix("inverse", n, c),

  firstElement: ({ field }, _, { n, c }) => field("x", n, c, 0),
  // Elements that are all alike but for three (kernels_test.ts): one of the many.
  middleElement: ({ field }, _, { n, c }) => field("x", n, c, 0),
  middleWeighted: ({ field, vector, constant }, _, { n, c }) => {
    const weights = range(constant("positions")).map((s) => vector("weights", s));
    const before = weights.map((_, s) => sum(weights.slice(0, s)));
    const median = (three: number[]) => three.toSorted((a, b) => a - b)[1];
    const place = (i: number) => (i + 0.618034) / 9 * sum(weights);
    const position = (i: number) => before.findLastIndex((w, s) => weights[s] > 0 && w <= place(i));
    return median(
      range(3).map((three) =>
        median(range(3).map((i) => field("x", n, c, position(3 * three + i))))
      ),
    );
  },
  chunkDeviations: (args, _, { n, c, s: k }, format) =>
    sum(chunk(args, format, k).map((s) => args.field("x", n, c, s) - args.matrix("shift", n, c))),
  chunkSquares: (args, _, { n, c, s: k }, format) =>
    sum(
      chunk(args, format, k).map((s) =>
        (args.field("x", n, c, s) - args.matrix("shift", n, c)) ** 2
      ),
    ),
  compensatedSum: ({ field, constant }, _, { n, c }) =>
    sum(range(constant("positions")).map((s) => field("terms", n, c, s))),
  deltaOf: ({ vector, scalar }, _, { c }) => vector("sum", c) / scalar("count"),
  centeredSquares: ({ vector, scalar }, _, { c }) =>
    Math.max(vector("squares", c) - scalar("count") * vector("delta", c) ** 2, 0),
  lowOfMean: ({ vector }, _, { c }) => vector("shift", c) - vector("mean", c) + vector("delta", c),
  mergeMean: (args, holes, { n, c }) => {
    const weights = weightsOf(args, holes);
    return sum(
      weights.map((w, s) =>
        w *
        (args.field("shift", n, c, s) + args.field("delta", n, c, s) - args.matrix("first", n, c))
      ),
    ) / sum(weights);
  },
  mergeSquares: (args, holes, { n, c }) =>
    sum(
      weightsOf(args, holes).map((w, s) => {
        const mean = args.field("shift", n, c, s) + args.field("delta", n, c, s);
        const away = mean - args.matrix("first", n, c) - args.matrix("mean", n, c);
        return w * (args.field("squares", n, c, s) + args.scalar("count") * away ** 2);
      }),
    ),
  uncenteredSquares: ({ vector }, _, { c }) =>
    vector("squares", c) - vector("count", 0) * (vector("shift", c) + vector("delta", c)) ** 2,
  weightSum: ({ vector, scalar, constant }) =>
    scalar("perItem") * sum(range(constant("positions")).map((s) => vector("weights", s))),

  scale: ({ matrix, vector, scalar }, { SCALED }, { n, c, s }) =>
    (SCALED ? matrix("gamma", c, s) : 1) /
    Math.sqrt(matrix("squares", n, c) / vector("count", 0) + scalar("epsilon")),
  normalize: ({ field, matrix }, holes, { n, c, s }) => {
    const row = holes.PER_SAMPLE ? n : 0;
    const deviation = field("x", n, c, s) - matrix("shift", row, c) - matrix("delta", row, c);
    const y = deviation * matrix("scale", row, c);
    const z = holes.PER_POSITION
      ? y * matrix("gamma", c, s) + matrix("beta", c, s)
      : y + matrix("beta", row, c);
    return holes.ACTIVATION === "none" ? z : activate(z, holes.ACTIVATION as ActivationName);
  },

  matmul: ({ matrix, constant }, { TRANSPOSE_A, TRANSPOSE_B }, { c, s }) =>
    sum(
      range(constant("inner")).map((k) =>
        (TRANSPOSE_A ? matrix("a", k, s) : matrix("a", s, k)) *
        (TRANSPOSE_B ? matrix("b", c, k) : matrix("b", k, c))
      ),
    ),

  accelerate: ({ vector, scalar }, _, { c }) =>
    scalar("momentum") * vector("velocity", c) + vector("grad", c),
  accelerateDamped: ({ vector, scalar }, _, { c }) =>
    scalar("momentum") * vector("velocity", c) +
    (vector("taken", 0) < 1.5 ? 1 : scalar("share")) * vector("grad", c),
  descend: ({ vector, scalar }, _, { c }) =>
    vector("param", c) - scalar("rate") * vector("direction", c),
  movingSquare: ({ vector, scalar }, _, { c }) =>
    (1 - scalar("rate")) * vector("moving", c) + scalar("rate") * vector("grad", c) ** 2,
  adamStep: ({ vector, scalar }, _, { c }) => {
    const first = vector("first", c) / vector("firstWeight", 0);
    const second = vector("second", c) / vector("secondWeight", 0);
    return (1 - scalar("decay")) * vector("param", c) -
      scalar("rate") * first / (Math.sqrt(second) + scalar("epsilon"));
  },

  variance: ({ vector }, { UNBIASED }, { c }) =>
    vector("squares", c) / Math.max(vector("count", 0) - (UNBIASED ? 1 : 0), 1),
  deviation: ({ vector, scalar }, _, { c }) =>
    Math.sqrt(vector("squares", c) / vector("count", 0) + scalar("epsilon")),
  movingAverage: ({ vector, scalar }, _, { c }) =>
    (1 - scalar("rate")) * vector("moving", c) + scalar("rate") * vector("value", c),
  debiased: ({ vector }, _, { c }) => vector("biased", c) / vector("weight", 0),
  collectedWeight: ({ vector, scalar }) => 1 - (1 - scalar("rate")) ** vector("step", 0),
  renormScale: ({ vector, scalar }, _, { c }) => {
    const floor = Math.max(vector("renormStddev", c), Math.sqrt(scalar("epsilon")));
    const r = vector("deviation", c) / floor;
    return Math.min(Math.max(r, scalar("rmin")), scalar("rmax"));
  },
  renormOffset: ({ vector, scalar }, _, { c }) => {
    const floor = Math.max(vector("renormStddev", c), Math.sqrt(scalar("epsilon")));
    const d = (vector("shift", c) + vector("delta", c) - vector("renormMean", c)) / floor;
    return Math.min(Math.max(d, -scalar("dmax")), scalar("dmax"));
  },
  renormVariance: ({ vector, scalar }, _, { c }) =>
    Math.max(0, vector("stddev", c) ** 2 - scalar("epsilon")),
};
