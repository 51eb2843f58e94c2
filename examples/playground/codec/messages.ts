/**
 * What the page of the codec and its worker say to each other.
 *
 * @module
 */
import type { Drawing } from "../messages.ts";

/** The page asks for a picture to be coded. */
export interface Request {
  /** Greater than that of all earlier requests. */
  readonly id: number;
  readonly file: Blob;
}

/** What the worker has done, or is about to do. */
export type Reply =
  | { readonly kind: "doing"; readonly id: number; readonly what: string }
  | { readonly kind: "taken"; readonly id: number; readonly before: Drawing }
  | ({ readonly kind: "decoded"; readonly id: number } & Outcome)
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

/** A picture that has been decoded. */
export interface Outcome {
  readonly after: Drawing;
  /** Rows, columns and channels of the code. */
  readonly shape: readonly number[];
  /** Estimated, of the whole picture. */
  readonly bits: number;
  /** Peak signal to noise ratio in decibels. */
  readonly ratio: number;
  /** Milliseconds. */
  readonly encoding: number;
  readonly decoding: number;
  /** Whether it was computed on a graphics card. */
  readonly onCard: boolean;
}
