/**
 * What the page and its worker say to each other.
 *
 * @module
 */
import type { Backend } from "../../mod.ts";
import type { Bars, NotFinite } from "./histogram.ts";
import type { Settings } from "./settings.ts";

/** The page asks for a result; the worker drops what it was asked before. */
export interface Request {
  /** Greater than that of all earlier requests. */
  readonly id: number;
  /** The image file; the worker decodes it once. */
  readonly file: Blob;
  /** Which image it is. */
  readonly image: number;
  readonly settings: Settings;
}

/** Points of a picture to be drawn. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each point. */
  readonly points: Uint8ClampedArray<ArrayBuffer>;
}

/** A backend that is not there or does not run, and why. */
export interface Failure {
  readonly backend: Backend;
  readonly reason: string;
}

/** A backend that is there. */
export interface Present {
  readonly backend: Backend;
  readonly device: string;
  /** Whether its device is a renderer in software. */
  readonly software: boolean;
}

/** A backend that is there, or why it is not. */
export type Found = Present | Failure;

/** One backend's part in the race. */
export interface Lap {
  readonly backend: Backend;
  /** Median milliseconds of a call. */
  readonly time: number;
  readonly calls: number;
  /** Largest difference from cpu's result. */
  readonly difference: number;
}

/** What was computed for one request. */
export interface Result {
  readonly before: Drawing;
  readonly after: Drawing;
  /** Values of the op's input, and of its result. */
  readonly histograms: readonly [Bars | NotFinite, Bars | NotFinite];
  readonly backend: Backend | "auto";
  readonly device: string;
  /** Why "auto" passed over faster backends. */
  readonly passedOver: readonly string[];
  readonly shape: readonly number[];
  readonly explanation: string;
  /** The call as a module of TypeScript. */
  readonly code: string;
}

/** What the worker tells the page. */
export type Reply =
  | { readonly kind: "backends"; readonly found: readonly Found[] }
  | { readonly kind: "begun"; readonly id: number }
  | ({ readonly kind: "result"; readonly id: number } & Result)
  | { readonly kind: "lap"; readonly id: number; readonly lap: Lap | Failure }
  | { readonly kind: "raced"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
