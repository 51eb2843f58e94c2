/**
 * The parts of gpu.js that this library uses, typed.
 *
 * gpu.js' own declarations know neither the modes "webasm" and "webgpu" nor the classes that the
 * executors extend, so the shapes below describe what version 2.24.1 really has. They are private
 * hooks: tests/runtime/gpu_version_test.ts fails when another version is installed.
 *
 * @module
 */
import type { Gl, GlObject } from "../host/webgl2.ts";
import type { WebGpuAdapter, WebGpuDevice } from "../host/webgpu.ts";

/** A flat array seen by a kernel as `[width, height, depth]`, without a copy. */
export interface GpuInput {
  readonly value: Float32Array;
  readonly size: readonly number[];
}

/** A texture seen by a WebGL2 kernel as `[width, height, depth]`. */
export interface GpuTexture {
  readonly texture: GlObject;
  /** Texels along its sides. */
  readonly size: Int32Array;
  readonly dimensions: readonly number[];
  readonly type: "ArrayTexture(1)";
  readonly context: Gl;
}

/** Settings of `createKernel` that the executors use. */
export interface GpuKernelSettings {
  readonly output: readonly number[];
  readonly constants: Readonly<Record<string, number>>;
  readonly argumentTypes: readonly ("Input" | "Float" | "ArrayTexture(1)")[];
  readonly strictIntegers: true;
  /** On WebGL: whether results stay in textures, and with how many bits. */
  readonly pipeline?: true;
  readonly precision?: "single";
  readonly tactic?: "precision";
  readonly fixIntegerDivisionAccuracy?: false;
}

/** What `createKernel` returns. */
export interface GpuKernel {
  (...args: (GpuInput | number)[]): unknown;
  readonly kernel: GpuKernelInstance;
  destroy(): void;
}

/** The kernel object behind a {@linkcode GpuKernel}; replaced by gpu.js when it falls back. */
export interface GpuKernelInstance {
  readonly constructor: { readonly mode: string };
  readonly fallbackReason?: string | null;
  build(...args: (GpuInput | GpuTexture | number)[]): unknown;
  destroy(): void;
  run(...args: (GpuInput | GpuTexture | number)[]): unknown;
}

/** What `createPipeline` returns. */
export interface GpuPipeline {
  (...args: (GpuInput | number)[]): Promise<Record<string, Float32Array>>;
  readonly executorKind: string;
  readonly fallbackReason: string | null;
  destroy(): Promise<void>;
}

/** One instance of gpu.js in one mode. */
export interface Gpu {
  Kernel: unknown;
  canvas: unknown;
  context: unknown;
  readonly kernels: GpuKernelInstance[];
  createKernel(source: string, settings: GpuKernelSettings): GpuKernel;
  // deno-lint-ignore ban-types -- gpu.js reads the function's `length`, whatever its parameters
  createPipeline(fn: Function, settings?: { readonly threads: false }): GpuPipeline;
  destroy(): Promise<void>;
}

/** Memory layout of one wasm kernel: where each argument and the result lie, in bytes. */
export interface WasmLayout {
  arrays: Record<string, { index: number; offset: number; dims: number[]; flatLength: number }>;
  scalars: Record<string, { index: number; offset: number; type: string }>;
  constantArrays: Record<string, never>;
  outputOffset: number;
  totalBytes?: number;
}

/** The members of gpu.js' WebAssembly kernel that the wasm executor calls or replaces. */
export interface WasmKernelBase extends GpuKernelInstance {
  built: boolean;
  output: number[];
  threadDim: number[];
  componentCount: number;
  argumentNames: string[];
  usedMathImports: Set<string>;
  computeLayout(args: ArrayLike<GpuInput | number>): WasmLayout;
  _instantiate(key: string, args: ArrayLike<GpuInput | number>): void;
  _assembleModule(layout: WasmLayout, cells: number, shared: boolean): {
    bytes: Uint8Array<ArrayBuffer>;
    initial: number;
    maximum: number;
  };
  translateSource(): boolean;
}

/** The members of gpu.js' CPU kernel that the cpu executor calls or replaces. */
export interface CpuKernelBase extends GpuKernelInstance {
  output: readonly number[];
  constants: Readonly<Record<string, number>>;
  readonly argumentNames: readonly string[];
  readonly argumentTypes: readonly string[];
  returnType: string;
  leadingReturnStatement: string;
  translatedSources: readonly string[];
  translateSource(): void;
  _processConstants(): string;
  _processArguments(): string;
  _resultImmutableKernel1DLoop(body: string): string;
  _resultImmutableKernel2DLoop(body: string): string;
  _resultImmutableKernel3DLoop(body: string): string;
}

/** A node of the syntax tree that gpu.js makes JavaScript of, with the members of all its kinds. */
export interface CpuSyntaxNode {
  readonly type: string;
  readonly value: unknown;
  readonly operator: string;
  readonly left: CpuSyntaxNode;
  readonly right: CpuSyntaxNode;
  readonly argument: CpuSyntaxNode;
}

/** The members of gpu.js' code generator for JavaScript that the cpu executor calls or replaces. */
export interface CpuFunctionNodeBase {
  readonly constants: Readonly<Record<string, number>>;
  astGeneric(node: CpuSyntaxNode, out: string[]): string[];
  astLiteral(node: CpuSyntaxNode, out: string[]): string[];
  astBinaryExpression(node: CpuSyntaxNode, out: string[]): string[];
  astAssignmentExpression(node: CpuSyntaxNode, out: string[]): string[];
  astCallExpression(node: CpuSyntaxNode, out: string[]): string[];
  astMemberExpression(node: CpuSyntaxNode, out: string[]): string[];
  getDeclaration(node: CpuSyntaxNode): { readonly inForLoopInit: boolean } | null;
  getMemberExpressionDetails(node: CpuSyntaxNode): {
    readonly signature: string;
    readonly name: string;
    readonly xProperty?: CpuSyntaxNode;
    readonly yProperty?: CpuSyntaxNode;
    readonly zProperty?: CpuSyntaxNode;
  };
  isInput(name: string): boolean;
}

/** The members of gpu.js' WebGPU kernel that the webgpu executor replaces. */
export interface WebGpuKernelBase extends GpuKernelInstance {
  constants: Readonly<Record<string, number>>;
  argumentNames: string[];
  output: number[];
  workgroupSize: [number, number, number];
  assembleWGSL(): string;
  _computeDispatch(): { groups: number[]; dispatchWidth: number };
  _shapeOutput(data: Float32Array): unknown;
}

/** The members of gpu.js' WebGL2 kernel that the webgl2 executor calls or replaces. */
export interface WebGl2KernelBase extends GpuKernelInstance {
  readonly context: Gl;
  output: number[];
  /** Texels along the sides of its texture, and of the viewport. */
  texSize: Int32Array;
  maxTexSize: Int32Array;
  /** The text of its shader, once it is built. */
  readonly compiledFragmentShader: string;
  readonly texture: { readonly texture: GlObject };
  validateSettings(args: unknown): void;
  checkTextureSize(): void;
  updateMaxTexSize(): void;
  getFragmentShader(args: unknown): string;
  _pollFence(fence: GlObject): Promise<void>;
}

/** A literal node of the syntax tree that gpu.js parses kernels into. */
export interface GpuSyntaxNode {
  readonly type: string;
  readonly id: GpuSyntaxNode;
  readonly init: GpuSyntaxNode;
  readonly declarations: readonly GpuSyntaxNode[];
}

/** The members of gpu.js' WebAssembly code generator that the wasm executor calls or replaces. */
export interface WasmFunctionNodeBase {
  literalTypes: Record<string, string>;
  astKey(node: GpuSyntaxNode): string;
  getDeclaration(
    node: GpuSyntaxNode,
  ): { readonly inForLoopInit: boolean; readonly suggestedType: string } | null;
  stmtVariableDeclaration(node: GpuSyntaxNode): unknown;
  /** Parses the function; `traceFunctionAST` then infers its types. */
  getJsAST(): unknown;
  traceFunctionAST(tree: unknown): void;
}

/** A class of gpu.js, to be extended. */
// deno-lint-ignore no-explicit-any -- a mixin base must take any arguments
export type GpuClass<T> = new (...args: any[]) => T;

/** The module gpu.js, as far as the executors use it. */
export interface GpuLibrary {
  readonly GPU: new (settings: { readonly mode: "cpu" | "webasm" | "webgpu" | "webgl2" }) => Gpu;
  readonly Input: new (value: Float32Array, size: number[]) => GpuInput;
  readonly CPUKernel: GpuClass<CpuKernelBase>;
  readonly CPUFunctionNode: GpuClass<CpuFunctionNodeBase>;
  readonly WebAssemblyKernel: GpuClass<WasmKernelBase> & {
    readonly isSupported: boolean;
    dispatchSpans(run: unknown, runSimd: unknown, cells: number, width: number, seed: 0): string;
  };
  readonly WebAssemblyFunctionNode: GpuClass<WasmFunctionNodeBase>;
  readonly FunctionBuilder: {
    fromKernel(kernel: unknown, node: unknown, extra?: unknown): {
      getPrototypes(name: "kernel"): readonly string[];
      getKernelResultType(): string;
    };
  };
  readonly WebGPUKernel: GpuClass<WebGpuKernelBase>;
  readonly WebGL2Kernel: GpuClass<WebGl2KernelBase> & {
    readonly isSupported: boolean;
    /** What it found out by trying; there where it is supported. */
    readonly features: { readonly isFloatRead: boolean };
    readonly fragmentShader: string;
  };
  readonly WebGPUContext: {
    acquire(): Promise<{ adapter: WebGpuAdapter; device: WebGpuDevice; isLost: boolean }>;
    destroy(): Promise<void>;
  };
}
