/**
 * The grid that a kernel is compiled over: that of its launch without axes of extent 1, and with
 * axes merged that every index treats as one.
 *
 * @module
 */
import type { Extents } from "../../plan/program.ts";
import { type Affine, coefficient, constant, plus, symbol } from "./affine.ts";

/** Symbols of the axes: four cells of `lane` are in a vector; `plane` is the outermost. */
export const AXES = ["lane", "row", "plane"] as const;

/** Extents along {@linkcode AXES}, and the translation to them. */
export interface Grid {
  readonly extents: Extents;
  /** A form over the symbols of the grid that this one was made from, as one over this. */
  readonly keep: (at: Affine) => Affine;
}

/** The grid of a launch over x, y and z without axes that have nothing to tell apart. */
export function squeezedGrid(launched: Extents): Grid {
  const axes = ["x", "y", "z"].flatMap((name, i) =>
    launched[i] === 1 ? [] : [{ name, extent: launched[i] }]
  );
  return gridOf(["x", "y", "z"], axes);
}

/** A squeezed grid with those axes merged that all `indices` step through alike. */
export function mergedGrid({ extents }: Grid, indices: readonly Affine[]): Grid {
  const axes: Axis[] = [];
  AXES.forEach((name, i) => {
    const inner = axes.at(-1);
    if (
      inner !== undefined && extents[i] > 1 &&
      indices.every((at) => coefficient(at, name) === coefficient(at, inner.name) * inner.extent)
    ) axes[axes.length - 1] = { ...inner, extent: inner.extent * extents[i] };
    else if (extents[i] > 1) axes.push({ name, extent: extents[i] });
  });
  return gridOf(AXES, axes);
}

/** Index of the element that a cell of a grid computes. */
export function ownIndex({ extents }: Grid): Affine {
  const strides = [1, extents[0], extents[0] * extents[1]];
  return AXES.reduce(
    (at, name, i) => extents[i] === 1 ? at : plus(at, symbol(name), strides[i]),
    constant(0),
  );
}

/** An axis under its old name. */
interface Axis {
  readonly name: string;
  readonly extent: number;
}

function gridOf(names: readonly string[], axes: readonly Axis[]): Grid {
  const [width = 1, height = 1, depth = 1] = axes.map(({ extent }) => extent);
  return {
    extents: [width, height, depth],
    keep({ constant, terms }) {
      const kept = new Map<string, number>();
      for (const [name, factor] of terms) {
        const axis = axes.findIndex((axis) => axis.name === name);
        if (axis >= 0) kept.set(AXES[axis], factor);
        else if (!names.includes(name)) kept.set(name, factor);
      }
      return { constant, terms: kept };
    },
  };
}
