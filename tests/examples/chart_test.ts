import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { chart } from "../../examples/shared/chart.ts";

describe("a chart of the examples", () => {
  it("reads in light and in dark", () => {
    const svg = chart("title", [{
      title: "panel",
      x: "x",
      y: "y, dB",
      lines: ["a", "b", "c"].map((name) => ({ name, points: [[0, 0], [1, 1]] })),
      map: { size: 1, counts: [1] },
    }]);
    assertMatch(svg, /@media \(prefers-color-scheme: dark\) \{\s*\.page \{ fill: #0d1117 \}/);
    // Every colour is one of the style sheet's, which has each twice.
    const drawn = svg.slice(svg.indexOf("</style>"));
    assertEquals(drawn.match(/#[0-9a-f]{3,6}\b/g), null);
    const classes = [...drawn.matchAll(/class="([^"]+)"/g)].flatMap(([, names]) =>
      names.split(" ")
    );
    const [light, dark] = svg.slice(0, svg.indexOf("</style>")).split("@media");
    for (const name of new Set(classes)) {
      if (name !== "map") assert(light.includes(`.${name} {`), name);
      assert(dark.includes(`.${name} {`), name);
    }
  });

  it("names many lines at their ends, apart, and has error bars", () => {
    const svg = chart("title", [{
      title: "panel",
      x: "x",
      y: "y",
      range: { x: [0, 1], y: [0, 10] },
      lines: [
        { name: "low", points: [[0, 9], [1, 1]], bars: [[8, 10], [0, 2]] },
        { name: "also low", points: [[0, 0], [1, 1]] },
        { name: "high", points: [[0, 0], [1, 9]] },
        { name: "never", points: [] },
      ],
    }]);
    const at = new Map(
      [...svg.matchAll(/<text class="fill\d" x="(\d+)" y="([\d.]+)">([^<]+)</g)]
        .map(([, x, y, name]) => [name, { x: Number(x), y: Number(y) }]),
    );
    assertEquals([...at.keys()], ["low", "also low", "high", "never"]);
    // The panel is 192 high from 34 on: y = 9 is at 53.2, y = 1 at 206.8, and texts stand 4 lower.
    assertEquals(at.get("high"), { x: 324, y: 57.2 });
    assertEquals(at.get("low"), { x: 324, y: 210.8 });
    assertEquals(at.get("also low"), { x: 324, y: 196.8 });
    assertEquals(at.get("never")!.y, 230);
    // From 8 to 10 at the left end: 53.2 + 19.2 = 72.4 up to 34.
    assertMatch(svg, /d="M49 34h6m-3 0V72.4m-3 0h6M313 187.6h6m-3 0V226m-3 0h6"/);
  });

  it("has crosses where there is no point, with a row for each line and room above all points", () => {
    const svg = chart("title", [{
      title: "panel",
      x: "x",
      y: "y",
      lines: [
        { points: [[0, 0], [1, 10]], crosses: [{ x: 0, label: "1 of 5" }] },
        { points: [[0, 0]], crosses: [{ x: 0.5, label: "a < b" }, { x: 1, label: "5 of 5" }] },
      ],
    }]);
    // The panel goes from 52 to 316 and begins at 34.
    assertEquals(
      [...svg.matchAll(/class="line(\d)" d="M([\d.]+) ([\d.]+)l8 8m0 -8l-8 8"/g)].map((
        [, ...numbers],
      ) => numbers.map(Number)),
      [[0, 48, 38], [1, 180, 50], [1, 312, 50]],
    );
    assertMatch(svg, /x="59" y="46" font-size="10">1 of 5</);
    assertMatch(svg, /x="177" text-anchor="end" y="58" font-size="10">a &lt; b</);
    assertMatch(svg, /x="309" text-anchor="end" y="58" font-size="10">5 of 5</);
    // y = 10 is 10 of 11.8 upwards: two rows of crosses and the room that there always is.
    assertMatch(svg, new RegExp(`cx="316" cy="${(34 + 192 * (1 - 10 / 11.8)).toFixed(2)}"`));
  });

  it("has axes where all is crosses", () => {
    const lines = [{ points: [], crosses: [{ x: 1, label: "all" }, { x: 2, label: "all" }] }];
    const svg = chart("title", [{ title: "panel", x: "x", y: "y", lines }]);
    assert(!/NaN|Infinity/.test(svg), svg);
  });
});
