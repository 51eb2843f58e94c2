/**
 * Turns a template into the text of one kernel: holes are folded away, coordinates lowered to
 * threads and arrays, integer constants inlined and lanes unrolled.
 *
 * @module
 */
import {
  type BinaryExpression,
  type CallExpression,
  type Expression,
  type ForStatement,
  type IfStatement,
  Node,
  type Statement,
  SyntaxKind,
} from "ts-morph";
import { elementOf, innermost, threadOf } from "./coordinates.ts";
import { foldedValue, type HoleValues, simplified } from "./fold.ts";
import { holeValues } from "./holes.ts";
import { declarationOf, isInteger } from "./integers.ts";
import type { KernelArgument } from "../../ops/plan/kernel.ts";
import type { Variant } from "../manifest.ts";
import { locate, TemplateError } from "../problem.ts";
import type { Template } from "../template.ts";
import { isVarying, varyingLocals } from "./varying.ts";

/** A kernel as gpu.js takes it. */
export interface Specialized {
  readonly source: string;
  /** The template's parameters that it uses. */
  readonly parameters: readonly KernelArgument[];
  /** The sizes that it reads, sorted. */
  readonly constants: readonly string[];
}

/**
 * Specialises one template for one variant.
 *
 * @throws {TypeError} If the row's holes are not the holes that the template uses, or one has a
 * value that its type does not name.
 * @throws {TemplateError} If something is left that is not part of a kernel, with one line for each.
 */
export function specialize(template: Template, variant: Variant): Specialized {
  return new Specializer(template, variant, holeValues(template, variant)).run();
}

class Specializer {
  readonly #template: Template;
  readonly #variant: Variant;
  readonly #holes: HoleValues;
  readonly #varying: ReadonlySet<string>;
  readonly #integers = new Set<string>();
  readonly #inlined = new Map<string, Expression>();
  readonly #constants = new Set<string>();
  readonly #declared = new Map<string, Node>();
  readonly #problems = new Set<string>();
  /** The lane that is being printed; 0 where nothing varies. */
  #lane = 0;

  constructor(template: Template, variant: Variant, holes: HoleValues) {
    this.#template = template;
    this.#variant = variant;
    this.#holes = holes;
    const body = template.declaration.getStatements() as Statement[];
    this.#varying = variant.lanes === 1
      ? new Set()
      : varyingLocals(body, this.#holes, innermost(variant.format));
  }

  run(): Specialized {
    const body = this.#block(this.#template.declaration.getStatements() as Statement[], "  ");
    if (this.#problems.size > 0) throw new TemplateError([...this.#problems].join("\n"));
    const text = body.join("\n");
    const parameters = this.#template.arguments.filter(({ name }) =>
      new RegExp(`(?<![.\\w])${name}\\b`).test(text)
    );
    const names = parameters.map(({ name }) => name).join(", ");
    const source = `function ${this.#variant.name}(${names}) {\n${text}\n}`;
    return { source, parameters, constants: [...this.#constants].sort() };
  }

  #report(node: Node, message: string): void {
    this.#problems.add(locate(node, message));
  }

  /**
   * Notes a declaration. Branches that holes decide are merged into the block around them, and
   * lanes and gpu.js' wasm locals are told apart by name, so a name must mean one thing throughout.
   */
  #declare(name: string, node: Node): void {
    const known = this.#declared.get(name);
    this.#declared.set(name, node);
    const counters = known?.getParent()?.getParent()?.getKind() === SyntaxKind.ForStatement &&
      node.getParent()?.getParent()?.getKind() === SyntaxKind.ForStatement;
    if (known !== undefined && known !== node && !counters) {
      this.#report(node, `local ${name} must be the only one of its name in the kernel`);
    }
  }

  #block(statements: readonly Statement[], indent: string): string[] {
    return statements.flatMap((statement) => this.#statement(statement, indent));
  }

  #statement(node: Statement, indent: string): string[] {
    if (Node.isBlock(node)) return this.#block(node.getStatements(), indent);
    if (Node.isForStatement(node)) return this.#loop(node, indent);
    if (Node.isIfStatement(node)) return this.#branch(node, indent);
    if (Node.isReturnStatement(node)) {
      const value = node.getExpressionOrThrow();
      const values = this.#lanes((lane) => this.#inLane(lane, () => this.#text(value)));
      return [`${indent}return ${values.length > 1 ? `[${values.join(", ")}]` : values[0]};`];
    }
    if (Node.isVariableStatement(node)) {
      const declaration = declarationOf(node);
      const name = declaration.getName();
      const value = declaration.getInitializerOrThrow();
      this.#declare(name, declaration);
      if (
        node.getDeclarationKind() === "const" && isInteger(value, this.#integers, this.#holes)
      ) {
        this.#integers.add(name);
        this.#inlined.set(name, value);
        return [];
      }
      return this.#perLane(
        this.#varying.has(name),
        () => `${indent}${node.getDeclarationKind()} ${this.#local(name)} = ${this.#text(value)};`,
      );
    }
    if (Node.isExpressionStatement(node) && Node.isBinaryExpression(node.getExpression())) {
      const assignment = node.getExpression() as BinaryExpression;
      const name = assignment.getLeft().getText();
      const operator = assignment.getOperatorToken().getText();
      return this.#perLane(
        this.#varying.has(name),
        () => `${indent}${this.#local(name)} ${operator} ${this.#text(assignment.getRight())};`,
      );
    }
    this.#report(node, "statement must be a declaration, assignment, loop, branch or return");
    return [];
  }

  #loop(node: ForStatement, indent: string): string[] {
    const initializer = node.getInitializer();
    const counter = Node.isVariableDeclarationList(initializer)
      ? initializer.getDeclarations()[0]
      : undefined;
    if (counter === undefined) {
      this.#report(node, "loop must declare its counter");
      return [];
    }
    const name = counter.getName();
    this.#declare(name, counter);
    this.#integers.add(name);
    const start = this.#text(counter.getInitializerOrThrow());
    const test = this.#text(node.getConditionOrThrow());
    const step = node.getIncrementorOrThrow().getText();
    const body = this.#statement(node.getStatement(), `${indent}  `);
    if (body.length === 0) return [];
    return [`${indent}for (let ${name} = ${start}; ${test}; ${step}) {`, ...body, `${indent}}`];
  }

  #branch(node: IfStatement, indent: string): string[] {
    const test = foldedValue(node.getExpression(), this.#holes);
    const otherwise = node.getElseStatement();
    if (test === true) return this.#statement(node.getThenStatement(), indent);
    if (test === false) return otherwise === undefined ? [] : this.#statement(otherwise, indent);
    const whole = () => {
      const condition = this.#text(simplified(node.getExpression(), this.#holes));
      const then = this.#statement(node.getThenStatement(), `${indent}  `);
      const other = otherwise === undefined ? [] : this.#statement(otherwise, `${indent}  `);
      const tail = other.length === 0
        ? [`${indent}}`]
        : [`${indent}} else {`, ...other, `${indent}}`];
      return then.length === 0 && other.length === 0
        ? []
        : [`${indent}if (${condition}) {`, ...then, ...tail];
    };
    const varies = this.#variant.lanes > 1 && !this.#replicating &&
      this.#isVarying(node.getExpression());
    return varies ? this.#lanes((lane) => this.#inLane(lane, whole)).flat() : whole();
  }

  /** Lines of a statement: one, or one for each lane. Inside a replicated branch only its own lane. */
  #perLane(varies: boolean, line: () => string): string[] {
    if (!varies || this.#replicating) return [line()];
    return this.#lanes((lane) => this.#inLane(lane, line));
  }

  #lanes<T>(each: (lane: number) => T): T[] {
    return Array.from({ length: this.#variant.lanes }, (_, lane) => each(lane));
  }

  #replicating = false;

  #inLane<T>(lane: number, print: () => T): T {
    const before = [this.#lane, this.#replicating] as const;
    this.#lane = lane;
    this.#replicating = true;
    try {
      return print();
    } finally {
      [this.#lane, this.#replicating] = before;
    }
  }

  #isVarying(node: Node): boolean {
    return isVarying(node, this.#holes, innermost(this.#variant.format), this.#varying);
  }

  #local(name: string): string {
    return this.#varying.has(name) ? `${name}_${this.#lane}` : name;
  }

  /** The text of an expression; `nested` where an operator around it may bind tighter. */
  #text(expression: Expression, nested = false): string {
    const node = simplified(expression, this.#holes);
    const wrap = (text: string) => nested ? `(${text})` : text;
    if (Node.isParenthesizedExpression(node)) {
      const inner = this.#text(node.getExpression());
      return /^[\w.]+$/.test(inner) || !nested ? inner : `(${inner})`;
    }
    if (Node.isNumericLiteral(node)) return node.getText().replaceAll("_", "");
    if (Node.isIdentifier(node)) {
      if (Object.hasOwn(this.#holes, node.getText())) {
        this.#report(node, `hole ${node.getText()} must stand in a condition that it decides`);
      }
      const inlined = this.#inlined.get(node.getText());
      return inlined === undefined ? this.#local(node.getText()) : this.#text(inlined, nested);
    }
    if (Node.isPropertyAccessExpression(node)) return this.#property(node, wrap);
    if (Node.isElementAccessExpression(node)) {
      const index = node.getArgumentExpressionOrThrow();
      return `${this.#text(node.getExpression(), true)}[${this.#text(index)}]`;
    }
    if (Node.isCallExpression(node)) return this.#call(node);
    if (Node.isPrefixUnaryExpression(node)) {
      const operator = node.getText()[0];
      return wrap(`${operator}${this.#text(node.getOperand(), true)}`);
    }
    if (Node.isBinaryExpression(node)) {
      const operator = node.getOperatorToken().getText();
      const left = this.#operand(node.getLeft());
      const right = this.#operand(node.getRight());
      return wrap(`${left} ${operator} ${right}`);
    }
    if (Node.isConditionalExpression(node)) {
      const test = node.getCondition();
      const yes = node.getWhenTrue();
      const no = node.getWhenFalse();
      return wrap(`${this.#text(test, true)} ? ${this.#text(yes, true)} : ${this.#text(no, true)}`);
    }
    this.#report(node, "expression must be arithmetic on cells, arguments and locals");
    return "";
  }

  /** An operand, in parentheses unless it stands in the template without them. */
  #operand(node: Expression): string {
    const kept = Node.isBinaryExpression(node) && simplified(node, this.#holes) === node;
    return this.#text(node, !kept);
  }

  #property(node: Expression, wrap: (text: string) => string): string {
    const [, kind, name] = node.getText().match(/^this\.(cell|constants)\.(\w+)$/) ?? [];
    if (kind === "constants") {
      this.#constants.add(name);
      return `this.constants.${name}`;
    }
    const { format, lanes } = this.#variant;
    const thread = kind === "cell" ? threadOf(format, name) : undefined;
    if (thread === undefined) {
      this.#report(node, `${node.getText()} must exist in ${format}`);
      return "";
    }
    if (lanes === 1 || name !== innermost(format)) return thread;
    return wrap(`${thread} * ${lanes} + ${this.#lane}`);
  }

  #call(node: CallExpression): string {
    const callee = node.getExpression().getText();
    const args = node.getArguments() as Expression[];
    if (callee !== "at") return `${callee}(${args.map((arg) => this.#text(arg)).join(", ")})`;
    const { format } = this.#variant;
    if (format === "flat") {
      this.#report(node, "at must not be used in flat");
      return "";
    }
    const [x, n, c, s] = args.map((arg) => this.#text(arg));
    return elementOf(format, x, n, c, s);
  }
}
