/**
 * What the controls say, in one value that goes from the page to its worker.
 *
 * @module
 */
import type { Backend } from "../../mod.ts";

/** What can be run. */
export type Op = "gdn" | "igdn" | "groupNorm" | "instanceNorm" | "layerNorm" | "batchNorm";

/** The norms among the ops. */
export type Norm = Exclude<Op, "gdn" | "igdn">;

/** Everything that the result depends on except the picture. */
export interface Settings {
  readonly op: Op;
  /** The picture's colours, or their luminance. */
  readonly channels: "rgb" | "luminance";
  readonly dataFormat: "NHWC" | "NCHW";
  /** Norms: the picture is cut into as many tiles a side, which are the samples of a batch. */
  readonly tiles: number;
  /** Group norm: how many groups the channels form. */
  readonly groups: number;
  /** Norms: what is added to the variance. */
  readonly stabiliser: number;
  /** GDN: exponent of the inputs in the pool. */
  readonly alpha: number;
  /** GDN: exponent of the pool. */
  readonly epsilon: number;
  /** GDN: whether IGDN follows. */
  readonly back: boolean;
  readonly backend: Backend | "auto";
}

/** The settings that are typed as numbers. */
export type NumberName = "groups" | "stabiliser" | "alpha" | "epsilon";

/** The names of the ops, in the order of the page. */
export const OP_NAMES: Readonly<Record<Op, string>> = {
  gdn: "GDN",
  igdn: "IGDN",
  groupNorm: "Group norm",
  instanceNorm: "Instance norm",
  layerNorm: "Layer norm",
  batchNorm: "Batch norm",
};

/** All backends, in the order of the page. */
export const BACKENDS: readonly Backend[] = ["webgpu", "webgl2", "wasm", "cpu"];

/** How many tiles a side there can be. */
export const TILES = [1, 2, 4, 8] as const;

/** What the library adds to the variance by default. */
const STABILISERS: Readonly<Record<Norm, number>> = {
  groupNorm: 1e-6,
  instanceNorm: 1e-6,
  layerNorm: 1e-5,
  batchNorm: 1e-3,
};

/** The settings that every op has. */
const SHARED = ["op", "channels", "dataFormat", "backend"] as const;

/** The settings that an op has besides. */
const OWN: Readonly<Record<Op, readonly (keyof Settings)[]>> = {
  gdn: ["alpha", "epsilon", "back"],
  igdn: ["alpha", "epsilon"],
  groupNorm: ["tiles", "groups", "stabiliser"],
  instanceNorm: ["tiles", "stabiliser"],
  layerNorm: ["tiles", "stabiliser"],
  batchNorm: ["tiles", "stabiliser"],
};

/** Whether an op is GDN or IGDN, which see neighbourhoods as channels. */
export function isGdn(op: Op): op is "gdn" | "igdn" {
  return op === "gdn" || op === "igdn";
}

/** The settings that the result of an op depends on. */
export function settingsOf(op: Op): readonly (keyof Settings)[] {
  return [...SHARED, ...OWN[op]];
}

/** An op as the page shows it first. */
export function defaultsOf(op: Op): Settings {
  return {
    op,
    channels: "luminance",
    dataFormat: "NHWC",
    tiles: 1,
    groups: 1,
    stabiliser: isGdn(op) ? 1e-6 : STABILISERS[op],
    alpha: 2,
    epsilon: 0.5,
    back: false,
    backend: "auto",
  };
}
