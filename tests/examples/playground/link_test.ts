import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { choiceOf, linkOf } from "../../../examples/playground/link.ts";
import {
  BACKENDS,
  defaultsOf,
  type Op,
  OP_NAMES,
  type Settings,
  settingsOf,
} from "../../../examples/playground/settings.ts";

const OPS = Object.keys(OP_NAMES) as Op[];
const PICTURES = ["cat", "valley"];

/** Another value than the default for every setting. */
const CHANGED: Omit<Settings, "op"> = {
  channels: "rgb",
  dataFormat: "NCHW",
  tiles: 4,
  groups: 3,
  stabiliser: 1.5e-7,
  alpha: 1.25,
  epsilon: 0.1 + 0.2,
  back: true,
  backend: BACKENDS[2],
};

describe("a link of the playground", () => {
  for (const op of OPS) {
    it(`restores every setting of ${op}, and the picture`, () => {
      const own = Object.fromEntries(
        Object.entries(CHANGED).filter(([name]) => settingsOf(op).includes(name as keyof Settings)),
      );
      const settings = { ...defaultsOf(op), ...own };
      const link = linkOf({ settings, picture: "valley" });
      assertEquals(choiceOf(link, PICTURES), { settings, picture: "valley" });
      // As a browser reads it back.
      assertEquals(new URL(link, "https://example.com/kernorm/").hash, link);
    });
  }

  it("names the op and what was changed, and nothing that the op does not have", () => {
    assertEquals(linkOf({ settings: defaultsOf("gdn"), picture: undefined }), "#op=gdn");
    const settings: Settings = {
      ...defaultsOf("groupNorm"),
      ...CHANGED,
      alpha: 7,
      op: "groupNorm",
    };
    assertEquals(
      linkOf({ settings, picture: "cat" }),
      "#op=groupNorm&channels=rgb&dataFormat=NCHW&backend=wasm&tiles=4&groups=3&stabiliser=1.5e-7&picture=cat",
    );
  });

  it("that is empty is the page as it starts", () => {
    for (const hash of ["", "#"]) {
      assertEquals(choiceOf(hash, PICTURES), { settings: defaultsOf("gdn"), picture: undefined });
    }
  });

  it("keeps numbers that only the op can judge", () => {
    assertEquals(choiceOf("#op=groupNorm&groups=-7", PICTURES).settings.groups, -7);
  });

  const wrong: Readonly<Record<string, string>> = {
    "#op=norm": 'op must be gdn, igdn, groupNorm, instanceNorm, layerNorm or batchNorm, got "norm"',
    "#tiles=3": 'tiles must be 1, 2, 4 or 8, got "3"',
    "#back=yes": 'back must be true or false, got "yes"',
    "#alpha=": 'alpha must be a number, got ""',
    "#alpha=Infinity": 'alpha must be a number, got "Infinity"',
    "#alpha=1&alpha=2": "alpha must be given once, got it twice",
    "#speed=1": 'every name must be that of a setting, got "speed"',
    "#toString=1": 'every name must be that of a setting, got "toString"',
    "#picture=dog": 'picture must be cat or valley, got "dog"',
    [`#backend=${"x".repeat(50)}`]: `backend must be auto, webgpu, webgl2, wasm or cpu, got "${
      "x".repeat(40)
    }…"`,
  };
  for (const [hash, message] of Object.entries(wrong)) {
    it(`is refused: ${hash.slice(0, 30)}`, () => {
      assertThrows(
        () => choiceOf(hash, PICTURES),
        RangeError,
        `Cannot restore the link: ${message}`,
      );
    });
  }
});
