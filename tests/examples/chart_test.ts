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
});
