/**
 * What a plan must give, in float64, and how far float32 may be from it: for every number on the way
 * a bound of its error is carried along ("running error analysis"; Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2nd edition, section 3.3), so that tolerances grow with the terms.
 *
 * @module
 */
import type { Launch, Program } from "../../ops/plan/program.ts";
import { type Expression, type Statement, syntaxOf } from "../../ops/runtime/lowering/syntax.ts";

/** Numbers, and for each how far a float32 computation may be from it. */
export interface Bounded {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

/** Half a unit in the last place of 1. */
const U = 2 ** -24;
/** Roundings of exp, log and pow, which are computed in float64: of the result, and one to spare. */
const ELEMENTARY = 2;
/** For products of errors, which the rules leave out. */
const SECOND_ORDER = 1.001;

/** Runs a program in float64. */
export function boundsOf(
  { lengths, launches, results }: Program,
  inputs: readonly Float32Array[],
  scalars: readonly number[],
): Bounded[] {
  const known: Bounded[] = inputs.map((input) => ({
    values: Float64Array.from(input),
    errors: new Float64Array(input.length),
  }));
  for (const launch of launches) {
    known[launch.result] = run(launch, lengths[launch.result], known, scalars);
  }
  return results.map((id) => known[id]);
}

type CellFunction = (
  thread: { x: number; y: number; z: number },
  constants: Readonly<Record<string, number>>,
  ...args: unknown[]
) => readonly [value: number, error: number];

function run(
  { kernel, grid, constants, arguments: args, result }: Launch,
  length: number,
  known: readonly Bounded[],
  scalars: readonly number[],
): Bounded {
  const syntax = syntaxOf(kernel);
  const names = syntax.params.map(({ name }) => name);
  const extents = new Map(
    args.flatMap((argument, i) =>
      "value" in argument ? [[names[i], argument.extents] as const] : []
    ),
  );
  const parameters = names.flatMap((name) => [`v_${name}`, `e_${name}`]);
  const given = args.flatMap((argument): (Float64Array | number)[] => {
    if ("value" in argument) return [known[argument.value].values, known[argument.value].errors];
    const scalar = scalars[argument.scalar];
    return [scalar, U * Math.abs(scalar)];
  });
  const body = new Writer(extents).function(syntax.body.body);
  const cell = new Function("thread", "constants", ...parameters, body) as CellFunction;
  const done = { values: new Float64Array(length), errors: new Float64Array(length) };
  for (let z = 0, at = 0; z < grid[2]; z++) {
    for (let y = 0; y < grid[1]; y++) {
      for (let x = 0; x < grid[0]; x++, at++) {
        const [value, error] = cell({ x, y, z }, constants, ...given);
        if (!(error < Infinity)) throw new Error(`value ${result} has no bound at ${at}`);
        done.values[at] = value;
        done.errors[at] = SECOND_ORDER * (error + U * Math.abs(value));
      }
    }
  }
  return done;
}

/** Writes a kernel as a function of pairs: every name `a` is `v_a` and the bound `e_a` of its error. */
class Writer {
  readonly #extents: ReadonlyMap<string, readonly number[]>;
  readonly #locals = new Set<string>();

  constructor(extents: ReadonlyMap<string, readonly number[]>) {
    this.#extents = extents;
  }

  function(statements: readonly Statement[]): string {
    const body = statements.map((statement) => this.#statement(statement)).join("\n");
    const locals = [...this.#locals].flatMap((name) => [`v_${name}`, `e_${name}`]);
    return `let v, e${locals.map((name) => `, ${name}`).join("")};\n${body}`;
  }

  #statement(node: Statement): string {
    switch (node.type) {
      case "VariableDeclaration":
        return node.declarations.map(({ id, init }) => {
          this.#locals.add(id.name);
          return this.#assign(id.name, init!);
        }).join(" ");
      case "ExpressionStatement":
        return this.#effect(node.expression);
      case "BlockStatement":
        return node.body.map((child) => this.#statement(child)).join("\n");
      case "IfStatement": {
        const otherwise = node.alternate ? this.#statement(node.alternate) : "";
        return `if (${this.#value(node.test)}) {\n${
          this.#statement(node.consequent)
        }\n} else {\n${otherwise}\n}`;
      }
      case "ForStatement": {
        const start = this.#statement(node.init as Statement);
        const next = this.#effect(node.update!);
        return `${start}\nwhile (${this.#value(node.test!)}) {\n${
          this.#statement(node.body)
        }\n${next}\n}`;
      }
      case "ReturnStatement":
        return `return [${this.#value(node.argument!)}, ${this.#error(node.argument!)}];`;
      default:
        throw new Error(`unknown statement ${node.type}`);
    }
  }

  #effect(node: Expression): string {
    if (node.type === "UpdateExpression") return `${this.#value(node.argument)}${node.operator};`;
    if (node.type !== "AssignmentExpression" || node.left.type !== "Identifier") {
      throw new Error(`unknown effect ${node.type}`);
    }
    const { left, right, operator } = node;
    if (operator === "=") return this.#assign(left.name, right);
    const binary = { type: "BinaryExpression", operator: operator[0], left, right } as const;
    return this.#assign(left.name, binary);
  }

  /** Both of a pair are computed before either changes. */
  #assign(name: string, node: Expression): string {
    return `v = ${this.#value(node)}; e = ${this.#error(node)}; v_${name} = v; e_${name} = e;`;
  }

  #value(node: Expression): string {
    switch (node.type) {
      case "Literal":
        return `${node.value}`;
      case "Identifier":
        return `v_${node.name}`;
      case "UnaryExpression":
        return `(${node.operator} ${this.#value(node.argument)})`;
      case "BinaryExpression":
      case "LogicalExpression":
        return `(${this.#value(node.left)} ${node.operator} ${this.#value(node.right)})`;
      case "ConditionalExpression":
        return this.#choice(node, (branch) => this.#value(branch));
      case "CallExpression":
        return `Math.${calleeOf(node.callee)}(${
          node.arguments.map((argument) => this.#value(argument)).join(", ")
        })`;
      case "MemberExpression":
        return this.#member(node, "v");
      default:
        throw new Error(`unknown expression ${node.type}`);
    }
  }

  #error(node: Expression): string {
    switch (node.type) {
      case "Literal":
        return Math.fround(Number(node.value)) === node.value
          ? "0"
          : `${U * Math.abs(Number(node.value))}`;
      case "Identifier":
        return `e_${node.name}`;
      case "UnaryExpression":
        return this.#error(node.argument);
      case "BinaryExpression":
        return this.#operation(node.operator, node.left, node.right, this.#value(node));
      case "ConditionalExpression":
        return this.#choice(node, (branch) => this.#error(branch));
      case "CallExpression":
        return this.#call(calleeOf(node.callee), node.arguments, this.#value(node));
      case "MemberExpression":
        return this.#member(node, "e");
      default:
        throw new Error(`unknown expression ${node.type}`);
    }
  }

  #operation(operator: string, left: Expression, right: Expression, whole: string): string {
    const a = `Math.abs(${this.#value(left)})`;
    const b = `Math.abs(${this.#value(right)})`;
    const ea = this.#error(left);
    const eb = this.#error(right);
    const rounding = `${U} * Math.abs(${whole})`;
    switch (operator) {
      case "+":
      case "-":
        return `(${ea} + ${eb} + ${rounding})`;
      case "*":
        return `(${a} * ${eb} + ${b} * ${ea} + ${rounding})`;
      case "/":
        return `((${ea} + Math.abs(${whole}) * ${eb}) / (${b} - ${eb}) + ${rounding})`;
      default:
        throw new Error(`unknown operator ${operator}`);
    }
  }

  #call(name: string, args: readonly Expression[], whole: string): string {
    const errors = args.map((argument) => this.#error(argument));
    const [a, b] = args.map((argument) => this.#value(argument));
    const roundings = `${ELEMENTARY * U} * Math.abs(${whole})`;
    switch (name) {
      case "abs":
      case "min":
      case "max":
        return `Math.max(0, ${errors.join(", ")})`;
      case "sqrt":
        return `(${errors[0]} / (2 * ${whole}) + ${U} * ${whole})`;
      case "exp":
        return `(${whole} * ${errors[0]} + ${roundings})`;
      case "log":
        return `(${errors[0]} / (${a} - ${errors[0]}) + ${roundings})`;
      case "pow":
        // By a constant power.
        return `(Math.abs(${b} * ${whole} / ${a}) * ${errors[0]} + ${roundings})`;
      default:
        throw new Error(`unknown function ${name}`);
    }
  }

  #choice(
    node: Expression & { type: "ConditionalExpression" },
    write: (branch: Expression) => string,
  ): string {
    return `(${this.#value(node.test)} ? ${write(node.consequent)} : ${write(node.alternate)})`;
  }

  /** `this.thread.x`, `this.constants.N` or an element of an array. */
  #member(node: Expression & { type: "MemberExpression" }, kind: "v" | "e"): string {
    if (!node.computed) {
      const { object, property } = node;
      if (object.type !== "MemberExpression") throw new Error("unknown member");
      if (kind === "e") return "0";
      return `${(object.property as { name: string }).name}.${(property as { name: string }).name}`;
    }
    const indices: string[] = [];
    let array: Expression = node;
    for (; array.type === "MemberExpression"; array = array.object) {
      indices.push(this.#value(array.property));
    }
    const { name } = array as { name: string };
    const [width, height] = this.#extents.get(name)!;
    const [x, y, z] = indices;
    return `${kind}_${name}[((${z}) * ${height} + (${y})) * ${width} + (${x})]`;
  }
}

function calleeOf(callee: Expression): string {
  if (callee.type !== "MemberExpression") throw new Error("unknown call");
  return (callee.property as { name: string }).name;
}
