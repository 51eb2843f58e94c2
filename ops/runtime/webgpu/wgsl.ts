/**
 * From one launch to WGSL: a thread for each cell of the grid, numbered along memory.
 *
 * @module
 */
import type { Launch } from "../../plan/program.ts";
import type { Affine } from "../lowering/affine.ts";
import { lower } from "../lowering/lower.ts";
import { syntaxOf } from "../lowering/syntax.ts";
import { type Expression, isCondition, operands, type Step, Trees } from "../lowering/tree.ts";

/** Threads in a workgroup: one or two subgroups on any hardware. */
const THREADS = 64;

/** Workgroups in one dimension: the least that WebGPU promises. */
const MOST_GROUPS = 65535;

/** A launch as a shader. Equal launches of a plan, or of several, have equal texts. */
export interface Shader {
  readonly text: string;
  /** Values of the program in the order of their bindings; the result's follows, then the scalars'. */
  readonly reads: readonly number[];
  /** Scalars of the program in the order of the uniform. */
  readonly scalars: readonly number[];
  /** Workgroups in each dimension. */
  readonly groups: readonly [number, number];
}

/** Emits the shader of a launch. */
export function shaderOf(launch: Launch): Shader {
  const { steps, result } = lower(syntaxOf(launch.kernel), launch, {
    trees: new Trees(),
    prefix: "",
    keep: (at) => at,
    known: () => undefined,
  });
  return new Emitter(launch).emit(steps, result);
}

class Emitter {
  readonly #grid: Launch["grid"];
  readonly #reads: number[] = [];
  readonly #scalars: number[] = [];
  readonly #lines: string[] = [];
  /** Names of expressions that are computed once in a step. */
  #named = new Map<Expression, string>();
  #count = 0;

  constructor({ grid }: Launch) {
    this.#grid = grid;
  }

  emit(steps: readonly Step[], result: Expression): Shader {
    const [width, height, depth] = this.#grid;
    const cells = width * height * depth;
    const all = Math.ceil(cells / THREADS);
    const rows = Math.ceil(all / MOST_GROUPS);
    const groups = [Math.ceil(all / rows), rows] as const;
    const variables = variablesOf(steps).map(([name, type]) => `  var ${name}: ${type};`);
    this.#steps(steps, "  ");
    const value = this.#value(result, "  ");
    const bindings = [
      ...this.#reads.map((_, i) => `var<storage, read> v${i}: array<f32>;`),
      "var<storage, read_write> result: array<f32>;",
      ...(this.#scalars.length === 0
        ? []
        : [`var<uniform> scalars: array<vec4f, ${Math.ceil(this.#scalars.length / 4)}>;`]),
    ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`);
    const text = `${bindings.join("\n")}

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let cell = i32(id.x + id.y * ${groups[0] * THREADS}u);
  if (cell >= ${cells}) { return; }
  let x = cell % ${width};
  let y = (cell / ${width}) % ${height};
  let z = cell / ${width * height};
${[...variables, ...this.#lines, `  result[cell] = ${value};`].join("\n")}
}
`;
    return { text, reads: this.#reads, scalars: this.#scalars, groups };
  }

  #steps(steps: readonly Step[], indent: string): void {
    for (const step of steps) this.#step(step, indent);
  }

  #step(step: Step, indent: string): void {
    switch (step.do) {
      case "set": {
        const value = this.#value(step.to, indent);
        this.#lines.push(`${indent}${nameOf(step.name)} = ${value};`);
        break;
      }
      case "if": {
        const test = this.#value(step.test, indent);
        this.#block(`if (${test})`, step.then, indent);
        break;
      }
      case "loop": {
        const name = nameOf(step.symbol);
        const head = `for (var ${name} = ${step.first}; ${name} <= ${step.last}; ${name}++)`;
        this.#block(head, step.body, indent);
        break;
      }
      case "store":
        throw new Error("Cannot emit WGSL: a kernel must store its result alone, got another");
    }
  }

  #block(head: string, body: readonly Step[], indent: string): void {
    this.#lines.push(`${indent}${head} {`);
    this.#steps(body, `${indent}  `);
    this.#lines.push(`${indent}}`);
  }

  /** The text of what a step computes; what it needs more than once is computed in lines before it. */
  #value(root: Expression, indent: string): string {
    this.#named = new Map();
    for (const expression of sharedIn(root)) {
      const text = this.#text(expression);
      const name = `t${this.#count++}`;
      this.#lines.push(`${indent}let ${name} = ${text};`);
      this.#named.set(expression, name);
    }
    return this.#text(root);
  }

  #text(expression: Expression): string {
    const named = this.#named.get(expression);
    if (named !== undefined) return named;
    const of = operands(expression).map((operand) => this.#text(operand));
    const [a, b, c] = of;
    switch (expression.op) {
      case "number":
        return literal(expression.value);
      case "scalar": {
        const at = indexIn(this.#scalars, expression.scalar);
        return `scalars[${at >> 2}].${"xyzw"[at & 3]}`;
      }
      case "index":
        return `f32(${integer(expression.at)})`;
      case "atLeast0":
        return `(${integer(expression.at)} >= 0)`;
      case "load":
        return `v${indexIn(this.#reads, expression.value)}[${integer(expression.at)}]`;
      case "local":
        return nameOf(expression.name);
      case "neg":
        return `-(${a})`;
      case "not":
        return `!(${a})`;
      case "select":
        return `select(${c}, ${b}, ${a})`;
      case "abs":
      case "sqrt":
      case "floor":
      case "exp":
      case "log":
        return `${expression.op}(${a})`;
      case "min":
      case "max":
      case "pow":
        return `${expression.op}(${a}, ${b})`;
      default:
        return `(${a} ${OPERATORS[expression.op] ?? expression.op} ${b})`;
    }
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  "===": "==",
  "!==": "!=",
  and: "&&",
  or: "||",
};

/** Numbers and conditions that are assigned, by their names. */
function variablesOf(steps: readonly Step[]): [name: string, type: string][] {
  const types = new Map<string, string>();
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.do === "set") types.set(nameOf(step.name), isCondition(step.to) ? "bool" : "f32");
      else if (step.do === "if") visit(step.then);
      else if (step.do === "loop") visit(step.body);
    }
  };
  visit(steps);
  return [...types];
}

/** What an expression is made of that it uses more than once, but for leaves: operands first. */
function sharedIn(root: Expression): Expression[] {
  const uses = new Map<Expression, number>();
  const order: Expression[] = [];
  const visit = (expression: Expression): void => {
    const before = uses.get(expression) ?? 0;
    uses.set(expression, before + 1);
    if (before > 0) return;
    operands(expression).forEach(visit);
    order.push(expression);
  };
  visit(root);
  return order.filter((expression) =>
    uses.get(expression)! > 1 && expression !== root && !CHEAP.has(expression.op)
  );
}

const CHEAP: ReadonlySet<string> = new Set(["number", "scalar", "local", "index"]);

/** Where a number stands in a list, at whose end it is put if it is new. */
function indexIn(list: number[], item: number): number {
  const at = list.indexOf(item);
  return at >= 0 ? at : list.push(item) - 1;
}

/** An affine form in 32 bits, which hold the index of any element that fits in a buffer. */
function integer({ constant, terms }: Affine): string {
  const parts = [...terms].map(([symbol, factor]) =>
    factor === 1 ? nameOf(symbol) : `${factor} * ${nameOf(symbol)}`
  );
  if (constant !== 0 || parts.length === 0) parts.push(`${constant}`);
  return parts.join(" + ");
}

/** Names of counters and variables have dots, which WGSL's have not. */
function nameOf(name: string): string {
  return name.replaceAll(/\W/g, "_");
}

/** A number as WGSL writes it: rounded to float32, as it would be on its way through memory. */
function literal(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) {
    throw new Error(`Cannot emit WGSL: a number must be finite, got ${value}`);
  }
  const text = Object.is(rounded, -0) ? "-0.0" : `${rounded}`;
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}
