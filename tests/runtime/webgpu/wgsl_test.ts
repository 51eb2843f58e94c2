import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Extents, Launch, LaunchArgument } from "../../../ops/plan/program.ts";
import { shaderOf } from "../../../ops/runtime/webgpu/compiler/wgsl.ts";
import { withTree } from "../../support/kernel.ts";

const HERE = "[this.thread.z][this.thread.y][this.thread.x]";

/** A launch of a kernel over two fields and two scalars. */
function launchOf(lines: string, grid: Extents = [5, 3, 2]): Launch {
  const kernel = withTree({
    name: "test",
    kernel: "test",
    format: "channelsLast",
    lanes: 1,
    holes: {},
    arguments: [
      { name: "a", kind: "field" },
      { name: "b", kind: "field" },
      { name: "p", kind: "scalar" },
      { name: "q", kind: "scalar" },
    ],
    constants: [],
    source: `function (a, b, p, q) {\n${lines}\n}`,
  });
  const args: LaunchArgument[] = [
    { value: 3, extents: grid },
    { value: 7, extents: grid },
    { scalar: 4 },
    { scalar: 2 },
  ];
  return { kernel, grid, constants: {}, arguments: args, result: 9 };
}

describe("a shader", () => {
  it("declares what it reads, its result and its scalars, in this order", () => {
    const { text, reads, scalars } = shaderOf(launchOf(`return q * b${HERE} + p * a${HERE};`));
    assertEquals({ reads, scalars }, { reads: [7, 3], scalars: [2, 4] });
    assertEquals(
      text,
      `@group(0) @binding(0) var<storage, read> v0: array<f32>;
@group(0) @binding(1) var<storage, read> v1: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
@group(0) @binding(3) var<uniform> scalars: array<vec4f, 1>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let cell = i32(id.x + id.y * 64u);
  if (cell >= 30) { return; }
  let x = cell % 5;
  let y = (cell / 5) % 3;
  let z = cell / 15;
  result[cell] = ((scalars[0].x * v0[x + 5 * y + 15 * z]) + (scalars[0].y * v1[x + 5 * y + 15 * z]));
}
`,
    );
  });

  it("finds its scalars four by four", () => {
    const names = ["p0", "p1", "p2", "p3", "p4"];
    const sum = names.join(" + ");
    const kernel = withTree({
      ...launchOf("return 1;").kernel,
      arguments: names.map((name) => ({ name, kind: "scalar" })),
      source: `function (${names}) {\nreturn ${sum};\n}`,
    });
    const args = names.map((_, scalar) => ({ scalar }));
    const { text, scalars } = shaderOf({ ...launchOf("return 1;"), kernel, arguments: args });
    assertEquals(scalars, [0, 1, 2, 3, 4]);
    assertStringIncludes(text, "scalars: array<vec4f, 2>;");
    assertStringIncludes(text, "scalars[0].w) + scalars[1].x)");
  });

  it("declares nothing that it does not read", () => {
    const { text, reads, scalars } = shaderOf(launchOf("return 3;"));
    assertEquals({ reads, scalars }, { reads: [], scalars: [] });
    assertStringIncludes(text, "@binding(0) var<storage, read_write> result");
    assertStringIncludes(text, "result[cell] = 3.0f;");
  });

  it("computes once what a step needs more than once", () => {
    const { text } = shaderOf(launchOf(`
      let d = a${HERE} - b${HERE};
      return d * d;
    `));
    assertStringIncludes(text, "  let t0 = (v0[x + 5 * y + 15 * z] - v1[x + 5 * y + 15 * z]);\n");
    assertStringIncludes(text, "result[cell] = (t0 * t0);");
  });

  it("has loops, branches, and conditions of their type", () => {
    const { text } = shaderOf(launchOf(`
      let sum = 0;
      for (let i = 0; i < 3; i++) {
        if (sum > 1.5) {
          sum += -1e30;
        } else {
          sum += a[this.thread.z][i][this.thread.x];
        }
      }
      return sum;
    `));
    const body = text.slice(text.indexOf("  var "), text.lastIndexOf("  result"));
    assertEquals(
      body,
      `  var sum_0: f32;
  var test_2: bool;
  sum_0 = 0.0f;
  for (var i_1 = 0; i_1 <= 2; i_1++) {
    test_2 = (sum_0 > 1.5f);
    if (test_2) {
      sum_0 = (sum_0 + -1.0000000150474662e+30f);
    }
    if (!(test_2)) {
      sum_0 = (sum_0 + v0[x + 5 * i_1 + 15 * z]);
    }
  }
`,
    );
  });

  it("spreads cells over rows of workgroups where one row is not enough", () => {
    const groupsOf = (cells: number) => shaderOf(launchOf("return 1;", [cells, 1, 1])).groups;
    assertEquals(groupsOf(64), [1, 1]);
    assertEquals(groupsOf(65), [2, 1]);
    assertEquals(groupsOf(65535 * 64), [65535, 1]);
    // Two rows of one length, which the shader counts with.
    assertEquals(groupsOf(65535 * 64 + 1), [32768, 2]);
  });

  it("is the same text for the same launch of other values", () => {
    const launch = launchOf(`return a${HERE} * p;`);
    const other = {
      ...launch,
      arguments: launch.arguments.map((argument) =>
        "value" in argument ? { ...argument, value: argument.value + 1 } : { scalar: 0 }
      ),
    };
    assertEquals(shaderOf(other).text, shaderOf(launch).text);
  });

  it("refuses numbers that float32 does not have", () => {
    assertThrows(
      () => shaderOf(launchOf("return 1e39;")),
      Error,
      "Cannot emit WGSL: a number must be finite, got 1e+39",
    );
  });
});
