/**
 * Settings as the part of a link after its `#`, such as `#op=groupNorm&groups=3&picture=cat`.
 *
 * A link names the op, what differs from the op's defaults, and the photograph. The user's own
 * picture stays on the user's machine.
 *
 * @module
 */
import {
  BACKENDS,
  defaultsOf,
  type Op,
  OP_NAMES,
  type Settings,
  settingsOf,
  TILES,
} from "./settings.ts";

/** What a link restores. */
export interface Choice {
  readonly settings: Settings;
  /** Name of the photograph; `undefined` where it is a picture of the user's own. */
  readonly picture: string | undefined;
}

/** The values that a setting of a few can have. */
const FEW = {
  op: Object.keys(OP_NAMES),
  channels: ["luminance", "rgb"],
  dataFormat: ["NHWC", "NCHW"],
  tiles: TILES.map(String),
  back: ["true", "false"],
  backend: ["auto", ...BACKENDS],
} as const;

/** The settings as text, from `#` on. */
export function linkOf({ settings, picture }: Choice): string {
  const defaults = defaultsOf(settings.op);
  const changed = settingsOf(settings.op).filter((name) =>
    name === "op" || settings[name] !== defaults[name]
  );
  const query = new URLSearchParams(changed.map((name) => [name, String(settings[name])]));
  if (picture !== undefined) query.set("picture", picture);
  return `#${query}`;
}

/**
 * What a link says.
 *
 * @param hash The link from `#` on; empty for the page as it starts.
 * @param pictures Names of the photographs.
 * @throws {RangeError} If it has an unknown name, a name twice, or a value that the setting cannot have.
 */
export function choiceOf(hash: string, pictures: readonly string[]): Choice {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const names = [...query.keys()];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) fail(twice, "be given once", "it twice");
  const given = (name: string, allowed: readonly string[]) => {
    const value = query.get(name);
    if (value !== null && !allowed.includes(value)) {
      fail(name, `be ${listOf(allowed)}`, shown(value));
    }
    return value;
  };
  const op = (given("op", FEW.op) ?? "gdn") as Op;
  const picture = given("picture", pictures) ?? undefined;
  const settings: Record<string, unknown> = { ...defaultsOf(op) };
  for (const [name, text] of query) {
    if (name === "picture") continue;
    if (!Object.hasOwn(settings, name)) {
      fail("every name", "be that of a setting", shown(name));
    }
    settings[name] = name in FEW
      ? valueOf(name, given(name, FEW[name as keyof typeof FEW])!)
      : numberOf(name, text);
  }
  return { settings: settings as unknown as Settings, picture };
}

function valueOf(name: string, text: string): string | number | boolean {
  if (name === "tiles") return Number(text);
  return name === "back" ? text === "true" : text;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) fail(name, "be a number", shown(text));
  return value;
}

function fail(name: string, rule: string, got: string): never {
  throw new RangeError(`Cannot restore the link: ${name} must ${rule}, got ${got}`);
}

function listOf(values: readonly string[]): string {
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

/** A value from outside, no longer than a line can be. */
function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
