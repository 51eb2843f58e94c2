/**
 * Row-major arrays of float64 for the oracle: index arithmetic and nothing else.
 *
 * @module
 */

/** What the oracle reads: row-major numbers of any kind with a shape. */
export interface NumberArray {
  /** Sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** The elements, row-major; as many as the product of `shape`. */
  readonly data: ArrayLike<number>;
}

/** What the oracle returns. */
export interface Array64 {
  /** Sizes of the axes, outermost first. */
  shape: number[];
  /** The elements, row-major. */
  data: Float64Array;
}

/**
 * Copies `data` into a float64 array of shape `shape`.
 *
 * @param data The elements, row-major. Not modified.
 * @param shape Sizes of the axes.
 * @returns A new array.
 * @throws {TypeError} If `data` does not have as many elements as `shape` says.
 */
export function array64(data: ArrayLike<number>, shape: readonly number[]): Array64 {
  if (data.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot make an array: data must have ${sizeOf(shape)} elements, got ${data.length}`,
    );
  }
  return { shape: [...shape], data: Float64Array.from(data) };
}

/**
 * Number of elements of an array: the product of its sizes, 1 for rank 0.
 *
 * @param shape Sizes of the axes.
 * @returns The product.
 */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) {
    size *= length;
  }
  return size;
}

/**
 * Turns a possibly negative axis into one counted from the front.
 *
 * @param axis In `-rank .. rank - 1`.
 * @param rank Number of axes.
 * @returns The axis in `0 .. rank - 1`.
 * @throws {RangeError} If there is no such axis.
 */
export function positiveAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!(positive >= 0 && positive < rank)) {
    throw new RangeError(`Cannot find an axis: axis must lie in rank ${rank}, got ${axis}`);
  }
  return positive;
}

/**
 * How far apart in `data` two neighbours along `axis` lie.
 *
 * @param shape Sizes of the axes.
 * @param axis Counted from the front.
 * @returns The product of the sizes behind `axis`.
 */
export function strideOf(shape: readonly number[], axis: number): number {
  return sizeOf(shape.slice(axis + 1));
}

/**
 * Coordinates of the element at a row-major index.
 *
 * @param index In `0 .. size - 1`.
 * @param shape Sizes of the axes.
 * @returns One coordinate per axis.
 */
export function coordinatesOf(index: number, shape: readonly number[]): number[] {
  const coordinates = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    coordinates[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return coordinates;
}

/**
 * Row-major index of the element at some coordinates.
 *
 * @param coordinates One per axis.
 * @param shape Sizes of the axes.
 * @returns The index.
 */
export function indexOf(coordinates: readonly number[], shape: readonly number[]): number {
  let index = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    index = index * shape[axis] + coordinates[axis];
  }
  return index;
}

/**
 * Reorders axes: `result[c] = a[d]` where `d[perm[k]] = c[k]`, as numpy.transpose does.
 *
 * @param a The array. Not modified.
 * @param perm Which axis of `a` becomes axis k of the result; every axis once.
 * @returns A new array.
 * @throws {TypeError} If `perm` does not name every axis once.
 */
export function transpose(a: NumberArray, perm: readonly number[]): Array64 {
  const rank = a.shape.length;
  if (perm.length !== rank || a.shape.some((_, axis) => !perm.includes(axis))) {
    throw new TypeError(
      `Cannot transpose: perm must name each of ${rank} axes once, got (${perm.join(", ")})`,
    );
  }
  const result = {
    shape: perm.map((axis) => a.shape[axis]),
    data: new Float64Array(sizeOf(a.shape)),
  };
  for (let index = 0; index < result.data.length; index++) {
    const to = coordinatesOf(index, result.shape);
    const from = new Array<number>(rank);
    for (let k = 0; k < rank; k++) {
      from[perm[k]] = to[k];
    }
    result.data[index] = a.data[indexOf(from, a.shape)];
  }
  return result;
}

/**
 * Index into an array of shape `shape` that numpy would broadcast against larger coordinates: axes
 * are aligned at the back, missing ones ignored, and those of size 1 read at 0.
 *
 * @param coordinates Coordinates in the larger array.
 * @param shape Sizes of the smaller array.
 * @returns The row-major index in the smaller array.
 */
export function broadcastIndex(coordinates: readonly number[], shape: readonly number[]): number {
  const missing = coordinates.length - shape.length;
  let index = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    index = index * shape[axis] + (shape[axis] === 1 ? 0 : coordinates[axis + missing]);
  }
  return index;
}
