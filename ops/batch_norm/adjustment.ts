/**
 * Batch norm's adjustment: a scale and a bias that are applied to the normalised values before gamma
 * and beta, and that may differ from sample to sample or from place to place.
 *
 * @module
 */
import type { Activation } from "../norm/activations.ts";
import { normalizeView, scaleOf } from "../norm/normalize.ts";
import type { Part } from "../norm/parts.ts";
import { spreadOver } from "../norm/spread.ts";
import type { Statistics } from "../norm/statistics.ts";
import type { Plan, Source, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import type { View } from "../plan/view.ts";
import { checkKeys } from "../tensor/arguments.ts";
import { checkTensor } from "../tensor/checks.ts";
import { elementsOf } from "../tensor/elements.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import type { Correction } from "./renorm.ts";

/** A scale and a bias that broadcast to x, applied before gamma and beta. */
export interface AdjustmentTensors<T extends AnyTensor = Tensor> {
  /** What the normalised values are multiplied by. */
  readonly scale: T;
  /** What is added to them then. */
  readonly bias: T;
}

/** An adjustment, or a function of x's shape that returns one; it is called at every execution. */
export type Adjustment =
  | AdjustmentTensors<AnyTensor>
  | ((shape: readonly number[]) => AdjustmentTensors<AnyTensor>);

/** What is normalised, and how. */
export interface Adjusted {
  readonly value: Value;
  readonly view: View;
  readonly moments: Statistics;
  readonly epsilon: number;
  readonly activation: Activation;
}

/** An adjustment in a plan, over the axes `parts`: samples and channels, or all of x. */
export interface AdjustmentValues {
  readonly scale: Value;
  readonly bias: Value;
  readonly parts: readonly Part[];
  /** The shapes in which they were given. */
  readonly shapes: readonly (readonly number[])[];
}

/** Reads an adjustment into a plan and spreads it over samples and channels, or over all of x. */
export function readAdjustment(
  plan: Plan,
  action: string,
  x: AnyTensor,
  view: View,
  adjustment: Adjustment,
): AdjustmentValues {
  const given = currentOf(action, x, adjustment);
  const rank = x.shape.length;
  const shapes = given.map(({ name, tensor: { shape } }) => {
    const own = [...new Array(Math.max(rank - shape.length, 0)).fill(1), ...shape];
    const fits = (extent: number, axis: number) => extent === 1 || extent === x.shape[axis];
    if (own.length === rank && own.every(fits)) return own;
    throw new TypeError(
      `Cannot ${action}: ${name} must broadcast to shape ${formatShape(x.shape)}, got ${
        formatShape(shape)
      }`,
    );
  });
  const spatial = (axis: number) => axis !== 0 && axis !== view.channelsAxis;
  const everywhere = shapes.some((shape) =>
    shape.some((extent, axis) => spatial(axis) && extent > 1)
  );
  const axes = x.shape.map((_, axis) => axis).filter((axis) => everywhere || !spatial(axis));
  const parts = axes.map((axis): Part => ({
    size: x.shape[axis],
    pooled: false,
    ...(axis === view.channelsAxis && { channel: "group" as const }),
  }));
  const [scale, bias] = given.map(({ name, tensor, source }, i) => {
    const value = source === undefined || tensor instanceof SymbolicTensor
      ? read(plan, name, tensor)
      : plan.input(name, {}, sizeOf(tensor.shape), source);
    const has = (part: Part) => shapes[i][axes[parts.indexOf(part)]] === part.size;
    return spreadOver(plan, value, parts, has);
  });
  return { scale, bias, parts, shapes: given.map(({ tensor }) => tensor.shape) };
}

/** y = act(((x-hat r + d) a + b) gamma + beta), with every factor spread over the adjustment's axes. */
export function adjust(
  plan: Plan,
  { value, view, moments, epsilon, activation }: Adjusted,
  { beta, gamma, correction, adjustment }: {
    readonly beta: Value | undefined;
    readonly gamma: Value | undefined;
    readonly correction: Correction | undefined;
    readonly adjustment: AdjustmentValues;
  },
): Value {
  const { scale: a, bias: b, parts } = adjustment;
  const spread = (perChannel: Value) =>
    spreadOver(plan, perChannel, parts, (part) => part.channel !== undefined);
  const times = (left: Value, right: Value) => plan.each("multiply", { a: left, b: right });
  const plus = (left: Value, right: Value) => plan.each("add", { a: left, b: right });
  const factor = gamma === undefined ? a : times(a, spread(gamma));
  let offset = gamma === undefined ? b : times(b, spread(gamma));
  if (beta !== undefined) offset = plus(offset, spread(beta));
  let perChannel = scaleOf(plan, moments, undefined, epsilon);
  if (correction !== undefined) {
    perChannel = times(perChannel, correction.r);
    offset = plus(times(spread(correction.d), factor), offset);
  }
  const applied = {
    shift: spread(moments.shift),
    delta: spread(moments.delta),
    scale: times(spread(perChannel), factor),
    beta: offset,
    activation,
  };
  return offset.length === view.size.n * view.size.c
    ? normalizeView(plan, value, view.format, view.size, applied)
    : normalizeView(plan, value, "channelsLast", { n: 1, c: value.length, s: 1 }, applied);
}

/**
 * Checks an adjustment, or what a function has returned for one.
 *
 * @throws {TypeError} If it is not a pair of tensors.
 */
export function checkedAdjustment(
  action: string,
  pair: AdjustmentTensors<AnyTensor>,
): AdjustmentTensors<AnyTensor> {
  const own = checkKeys(action, "adjustment", pair, { scale: true, bias: true });
  checkTensor(action, "adjustment.scale", own.scale);
  checkTensor(action, "adjustment.bias", own.bias);
  return own;
}

/** Options in which an adjustment that is a function has been called, so that all runs see one answer. */
export function fixedAdjustment<O extends { readonly adjustment?: Adjustment }>(
  action: string,
  x: AnyTensor,
  options: O,
  training: boolean,
): O {
  const { adjustment } = options;
  if (!training || typeof adjustment !== "function" || sizeOf(x.shape) === 0) return options;
  return { ...options, adjustment: checkedAdjustment(action, adjustment([...x.shape])) };
}

/** A tensor of an adjustment. */
interface Given {
  /** What it is called in messages. */
  readonly name: string;
  readonly tensor: AnyTensor;
  /** Where the ones of later runs come from, if a function returns it. */
  readonly source?: Source;
}

/**
 * The scale and the bias of this run. A function has just been called when its plan runs for the first
 * time, and is called again for every run after that.
 */
function currentOf(action: string, x: AnyTensor, adjustment: Adjustment): Given[] {
  const isFunction = typeof adjustment === "function";
  const call = () => checkedAdjustment(action, isFunction ? adjustment([...x.shape]) : adjustment);
  const first = call();
  let pair = first;
  // Who asks a second time does so in another run. A tensor that is traced never asks.
  const asked = new Set<string>();
  return (["scale", "bias"] as const).map((key) => {
    const name = `adjustment.${key}`;
    const tensor = first[key];
    const source = () => {
      if (asked.has(key)) {
        pair = call();
        asked.clear();
      }
      asked.add(key);
      const own = pair[key];
      if (sameShape(own.shape, tensor.shape)) return elementsOf(own);
      throw new TypeError(
        `Cannot ${action}: adjustment must return one shape at every call, got ${
          formatShape(tensor.shape)
        } and ${formatShape(own.shape)}`,
      );
    };
    return { name, tensor, ...(isFunction && { source }) };
  });
}
