/**
 * gpu.js' CPU kernel, changed in three ways: arithmetic is that of float32, as on every other
 * backend; sizes are read when the kernel runs, so that its text does not depend on shapes; and
 * results are flat.
 *
 * @module
 */
import type {
  CpuFunctionNodeBase,
  CpuKernelBase,
  CpuSyntaxNode,
  GpuClass,
  GpuLibrary,
} from "../gpu/declarations.ts";

/** The class to set as `gpu.Kernel` in mode "cpu". */
export function launchedCpuKernel(library: GpuLibrary): unknown {
  const node = roundedFunctionNode(library.CPUFunctionNode);
  return class LaunchedCpuKernel extends library.CPUKernel {
    override translateSource(): void {
      this.leadingReturnStatement = "cell = ";
      const builder = library.FunctionBuilder.fromKernel(this, node);
      this.translatedSources = builder.getPrototypes("kernel");
      this.returnType = builder.getKernelResultType();
    }

    override _processConstants(): string {
      return "const fround = Math.fround;";
    }

    override _processArguments(): string {
      const constants = Object.keys(this.constants).map((name) =>
        `const constants_${name} = _this.constants.${name};`
      );
      const inputs = this.argumentNames.filter((_, i) => this.argumentTypes[i] === "Input");
      const sizes = inputs.map((name) => `
        const [width_${name}, height_${name}] = user_${name}.size;
        user_${name} = user_${name}.value;`);
      return [...constants, ...sizes].join("\n");
    }

    override _resultImmutableKernel1DLoop(body: string): string {
      return flatLoops(this, body);
    }
    override _resultImmutableKernel2DLoop(body: string): string {
      return flatLoops(this, body);
    }
    override _resultImmutableKernel3DLoop(body: string): string {
      return flatLoops(this, body);
    }
  };
}

/** The loops around a kernel's body, which assigns `cell`; gpu.js then returns `result`. */
function flatLoops({ returnType }: CpuKernelBase, body: string): string {
  const lanes = Number(returnType.match(/^Array\((\d)\)$/)?.[1] ?? 1);
  return `
    const [outputX, outputY = 1, outputZ = 1] = _this.output;
    const result = new Float32Array(outputX * outputY * outputZ * ${lanes});
    let at = 0;
    for (let z = 0; z < outputZ; z++) {
      for (let y = 0; y < outputY; y++) {
        for (let x = 0; x < outputX; x++) {
          let cell;
          ${body}
          ${lanes === 1 ? "result[at++] = cell;" : `result.set(cell, at); at += ${lanes};`}
        }
      }
    }`;
}

const ARITHMETIC = ["+", "-", "*", "/", "%"];

/**
 * The code generator of the kernel above. Every operation on numbers is done in float64 and rounded,
 * which for sums, products, quotients and roots of float32 gives the result of float32 itself, and
 * for elementary functions what the tile compiler gives. Integers made of coordinates, counters and
 * sizes stay as they are: as indices they may exceed 2^24.
 */
function roundedFunctionNode(base: GpuClass<CpuFunctionNodeBase>): unknown {
  return class RoundedFunctionNode extends base {
    override astLiteral(node: CpuSyntaxNode, out: string[]): string[] {
      const { value } = node;
      if (typeof value !== "number" || Number.isInteger(value)) return super.astLiteral(node, out);
      out.push(`${Math.fround(value)}`);
      return out;
    }

    override astBinaryExpression(node: CpuSyntaxNode, out: string[]): string[] {
      if (this.#isInteger(node.left) && this.#isInteger(node.right) && node.operator !== "/") {
        return super.astBinaryExpression(node, out);
      }
      out.push(ARITHMETIC.includes(node.operator) ? "fround(" : "(");
      this.#asNumber(node.left, out);
      out.push(node.operator);
      this.#asNumber(node.right, out);
      out.push(")");
      return out;
    }

    override astAssignmentExpression(node: CpuSyntaxNode, out: string[]): string[] {
      const operator = node.operator.slice(0, -1);
      if (operator === "") return super.astAssignmentExpression(node, out);
      const right = { ...node, type: "BinaryExpression", operator };
      return super.astAssignmentExpression({ ...node, operator: "=", right }, out);
    }

    override astCallExpression(node: CpuSyntaxNode, out: string[]): string[] {
      out.push("fround(");
      super.astCallExpression(node, out);
      out.push(")");
      return out;
    }

    override astMemberExpression(node: CpuSyntaxNode, out: string[]): string[] {
      const { signature, name, xProperty, yProperty, zProperty } = this.getMemberExpressionDetails(
        node,
      );
      if (signature === "this.thread.value") {
        out.push(name);
        return out;
      }
      if (xProperty === undefined || !this.isInput(name)) {
        return super.astMemberExpression(node, out);
      }
      out.push(`user_${name}[`);
      if (zProperty) {
        out.push("(");
        this.astGeneric(zProperty, out);
        out.push(`*height_${name}+`);
        this.astGeneric(yProperty!, out);
        out.push(`)*width_${name}+`);
      } else if (yProperty) {
        this.astGeneric(yProperty, out);
        out.push(`*width_${name}+`);
      }
      this.astGeneric(xProperty, out);
      out.push("]");
      return out;
    }

    /** An operand of float32 arithmetic or of a comparison. */
    #asNumber(node: CpuSyntaxNode, out: string[]): void {
      const rounds = node.type !== "Literal" && this.#isInteger(node);
      if (rounds) out.push("fround(");
      this.astGeneric(node, out);
      if (rounds) out.push(")");
    }

    #isInteger(node: CpuSyntaxNode): boolean {
      switch (node.type) {
        case "Literal":
          return Number.isInteger(node.value);
        case "Identifier":
          return this.getDeclaration(node)?.inForLoopInit === true;
        case "UnaryExpression":
          return node.operator === "-" && this.#isInteger(node.argument);
        case "BinaryExpression":
          return ["+", "-", "*"].includes(node.operator) && this.#isInteger(node.left) &&
            this.#isInteger(node.right);
        case "MemberExpression": {
          const { signature, name } = this.getMemberExpressionDetails(node);
          return signature === "this.thread.value" ||
            (signature === "this.constants.value" && Number.isInteger(this.constants[name]));
        }
        default:
          return false;
      }
    }
  };
}
