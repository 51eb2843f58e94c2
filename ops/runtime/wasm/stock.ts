/**
 * gpu.js' own WebAssembly kernels, for what the tile compiler does not take, changed in two ways:
 * they run over a given memory at given offsets, and their loop counters are integers.
 *
 * @module
 */
import type {
  GpuClass,
  GpuInput,
  GpuLibrary,
  GpuSyntaxNode,
  WasmFunctionNodeBase,
  WasmKernelBase,
  WasmLayout,
} from "../gpu/declarations.ts";

/** Where one launch finds its arguments and puts its result, in bytes. */
export interface LaunchPlacement {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** Offset of each argument, array or scalar. */
  readonly arguments: readonly number[];
  readonly result: number;
  /** Size of the memory in pages of 64 KiB. */
  readonly pages: number;
}

/** A WebAssembly kernel that is placed before it is built. */
export interface PlacedWasmKernel extends WasmKernelBase {
  /** Set before `build`. */
  placement: LaunchPlacement;
  /** Runs the built kernel once over its memory. */
  launch(): void;
}

const PAGE = 65536;
/** gpu.js declares the memory of a kernel by this much larger than it thinks is needed. */
const SPARE_PAGES = 16;

/** The class to set as `gpu.Kernel`, so that gpu.js creates {@linkcode PlacedWasmKernel}s. */
export function placedWasmKernel(library: GpuLibrary): GpuClass<PlacedWasmKernel> {
  const node = integerCounters(library.WebAssemblyFunctionNode);
  const { FunctionBuilder, WebAssemblyKernel } = library;
  return class extends WebAssemblyKernel implements PlacedWasmKernel {
    declare placement: LaunchPlacement;
    #run: unknown;
    #runSimd: unknown;

    override translateSource(): boolean {
      // The base class names its code generator itself; this call alone is given another.
      const { fromKernel } = FunctionBuilder;
      const patched = FunctionBuilder as { fromKernel: unknown };
      patched.fromKernel = (kernel: unknown, _node: unknown, extra: unknown) =>
        fromKernel.call(FunctionBuilder, kernel, node, extra);
      try {
        return super.translateSource();
      } finally {
        patched.fromKernel = fromKernel;
      }
    }

    override computeLayout(args: ArrayLike<GpuInput | number>): WasmLayout {
      const layout = super.computeLayout(args);
      const offsets = this.placement.arguments;
      for (const array of Object.values(layout.arrays)) array.offset = offsets[array.index];
      for (const scalar of Object.values(layout.scalars)) scalar.offset = offsets[scalar.index];
      const { result, pages } = this.placement;
      return { ...layout, outputOffset: result, totalBytes: (pages - SPARE_PAGES) * PAGE };
    }

    override _instantiate(_key: string, args: ArrayLike<GpuInput | number>): void {
      const { shared } = this.placement;
      const { bytes } = this._assembleModule(this.computeLayout(args), this.#cells(), shared);
      const math = [...this.usedMathImports].map((name) => [
        `math_${name}`,
        Math[name as "exp"],
      ]);
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
        env: { memory: this.placement.memory, ...Object.fromEntries(math) },
      });
      this.#run = exports.run;
      this.#runSimd = exports.run_simd ?? null;
    }

    launch(): void {
      WebAssemblyKernel.dispatchSpans(
        this.#run,
        this.#runSimd,
        this.#cells(),
        this.threadDim[0],
        0,
      );
    }

    #cells(): number {
      return this.threadDim.reduce((cells, extent) => cells * extent, 1);
    }
  };
}

/**
 * gpu.js makes the counter of `for (let i = 0; …)` a float where the body uses it as a number, and
 * an index computed from it is then wrong beyond 2^24. Forgetting the type that it had settled on
 * for the literal lets the declaration fall back to the suggested type, an integer.
 */
function integerCounters(base: GpuClass<WasmFunctionNodeBase>): GpuClass<WasmFunctionNodeBase> {
  return class extends base {
    override stmtVariableDeclaration(node: GpuSyntaxNode): unknown {
      for (const { id, init } of node.declarations) {
        const declared = this.getDeclaration(id);
        if (
          declared?.inForLoopInit && declared.suggestedType === "Integer" && init.type === "Literal"
        ) delete this.literalTypes[this.astKey(init)];
      }
      return super.stmtVariableDeclaration(node);
    }
  };
}
