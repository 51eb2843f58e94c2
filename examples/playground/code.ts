/**
 * The code of the call that the controls describe: a module that a user can copy.
 *
 * @module
 */
import type { Pool } from "../demo/patches.ts";
import { defaultsOf, isGdn, type Op, type Settings } from "./settings.ts";

/** What the op's function is called with, beside its options. */
export interface CallFacts {
  /** Shape of the op's input. */
  readonly shape: readonly number[];
  /** GDN: its pool. */
  readonly pool: Pool;
  /** GDN: the pool of IGDN, where it follows. */
  readonly back?: Pool;
}

/** The functions of the library that are imported besides `Tensor`. */
const IMPORTS: Readonly<Record<Op, readonly string[]>> = {
  gdn: ["gdn", "type Tensor", "tensor"],
  igdn: ["gdn", "type Tensor", "tensor"],
  groupNorm: ["groupNorm", "type Tensor"],
  instanceNorm: ["instanceNorm", "type Tensor"],
  layerNorm: ["layerNorm", "type Tensor"],
  batchNorm: ["batchNorm", "initBatchNorm", "type Tensor"],
};

/** Parameters of GDN: the same weights as those of `contrastParams` in examples/demo/patches.ts. */
const POOL = `
// Weights of the points of a 5 x 5 neighbourhood: a Gaussian, not yet divided by their sum.
const weights = Array.from(
  { length: 25 },
  (_, k) => Math.exp(-((k % 5 - 2) ** 2 + (Math.floor(k / 5) - 2) ** 2) / 4),
);
const total = weights.reduce((sum, weight) => sum + weight, 0);

/** The pool beta + factor * (weighted mean of the neighbourhood). */
function pool(beta: number, factor: number) {
  const gamma = Float32Array.from(
    { length: 25 * 25 },
    (_, i) => factor * (weights[Math.floor(i / 25)] / total),
  );
  return { beta: new Array<number>(25).fill(beta), gamma: tensor(gamma, [25, 25]) };
}
`;

/** The text of the module. */
export function codeOf(settings: Settings, facts: CallFacts): string {
  const { op, backend } = settings;
  const imports = [...backend === "auto" ? [] : ["createRuntime"], ...IMPORTS[op]];
  const runtime = backend === "auto"
    ? ""
    : `\nconst runtime = await createRuntime({ backend: "${backend}" });\n`;
  return `import { ${imports.join(", ")} } from "@kernorm/kernorm";
${runtime}${isGdn(op) ? POOL : ""}
/**
 * @param x ${inputOf(settings)},
 *   shape (${facts.shape.join(", ")})
 * @returns ${isGdn(op) ? "The same shape; the picture is channel 12" : "The same shape"}
 */
export async function normalize(x: Tensor): Promise<Tensor> {
${bodyOf(settings, facts).map((line) => `  ${line}\n`).join("")}}
`;
}

function inputOf({ op, channels, tiles, dataFormat }: Settings): string {
  if (isGdn(op)) {
    const samples = channels === "rgb" ? "red, green and blue as samples" : "luminance";
    return `Contrasts of each point's 5 x 5 neighbourhood in ${samples}, ${dataFormat}`;
  }
  const what = channels === "rgb" ? "Red, green and blue" : "Luminance";
  const samples = tiles === 1 ? "" : `, ${tiles} x ${tiles} tiles as samples`;
  return `${what} from 0 to 1${samples}, ${dataFormat}`;
}

function bodyOf(settings: Settings, { shape, pool, back }: CallFacts): string[] {
  const { op, dataFormat, groups } = settings;
  const options = optionsOf(settings);
  const more = (...added: string[]) => listOf([...added, ...options]);
  switch (op) {
    case "gdn":
      if (back === undefined) return [`return await gdn(x, ${poolText(pool)}${more()});`];
      return [
        `const y = await gdn(x, ${poolText(pool)}${more()});`,
        "// Fitted to the picture: the pool of y that is nearest to that of x.",
        `return await gdn(y, ${poolText(back)}${more("inverse: true")});`,
      ];
    case "igdn":
      return [`return await gdn(x, ${poolText(pool)}${more("inverse: true")});`];
    case "groupNorm":
      return [`return await groupNorm(x, {}${more(`groups: ${groups}`)});`];
    case "batchNorm": {
      const channels = shape[dataFormat === "NHWC" ? 3 : 1];
      return [
        `const { state } = initBatchNorm(${channels});`,
        `const { y } = await batchNorm(x, {}, state${more()});`,
        "return y;",
      ];
    }
    default:
      return [`return await ${op}(x${options.length > 0 ? `, {}${more()}` : ""});`];
  }
}

/** The options that are not the library's defaults. */
function optionsOf(settings: Settings): string[] {
  const { op, dataFormat, stabiliser, alpha, epsilon, backend } = settings;
  const options: string[] = [];
  if (isGdn(op)) {
    if (alpha !== 2) options.push(`alphaParameter: ${alpha}`);
    if (epsilon !== 0.5) options.push(`epsilonParameter: ${epsilon}`);
  } else if (stabiliser !== defaultsOf(op).stabiliser) options.push(`epsilon: ${stabiliser}`);
  if (op !== "layerNorm" && dataFormat === "NCHW") options.push(`dataFormat: "NCHW"`);
  if (backend !== "auto") options.push("runtime");
  return options;
}

function poolText({ beta, factor }: Pool): string {
  return `pool(${beta}, ${factor})`;
}

function listOf(options: readonly string[]): string {
  return options.length === 0 ? "" : `, { ${options.join(", ")} }`;
}
