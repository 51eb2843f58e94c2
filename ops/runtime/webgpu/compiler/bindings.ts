/**
 * What a shader is given: the values that it reads, its result and the scalars of its launch.
 *
 * @module
 */

/** Collects what a shader reads, in the order in which it first does. */
export class Bindings {
  /** Values of the program. */
  readonly reads: number[] = [];
  /** Scalars of the program. */
  readonly scalars: number[] = [];
  readonly #inFours: ReadonlySet<number>;

  /** @param inFours Values that are read four elements at a time only. */
  constructor(inFours: ReadonlySet<number> = new Set()) {
    this.#inFours = inFours;
  }

  /** Whether a value is an array of vectors of four. */
  isInFours(value: number): boolean {
    return this.#inFours.has(value);
  }

  /** The array of a value. */
  value(value: number): string {
    return `v${indexIn(this.reads, value)}`;
  }

  scalar(scalar: number): string {
    const at = indexIn(this.scalars, scalar);
    return `scalars[${at >> 2}].${"xyzw"[at & 3]}`;
  }

  /**
   * The declarations of all that was asked for.
   *
   * @param resultInFours Whether the results are written four elements at a time.
   * @param results The names of the results.
   */
  declarations(resultInFours = false, results: readonly string[] = ["result"]): string {
    const array = (inFours: boolean) => `array<${inFours ? "vec4f" : "f32"}>`;
    const length = Math.ceil(this.scalars.length / 4);
    return [
      ...this.reads.map((value, i) => `var<storage, read> v${i}: ${array(this.isInFours(value))};`),
      ...results.map((name) => `var<storage, read_write> ${name}: ${array(resultInFours)};`),
      ...(length === 0 ? [] : [`var<uniform> scalars: array<vec4f, ${length}>;`]),
    ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`).join("\n");
  }
}

/** Where a number stands in a list, at whose end it is put if it is new. */
function indexIn(list: number[], item: number): number {
  const at = list.indexOf(item);
  return at >= 0 ? at : list.push(item) - 1;
}
