import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { membersOf, RepeatedKey } from "../../ops/safetensors/json.ts";

describe("membersOf", () => {
  it("reads objects as JSON.parse does", () => {
    const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
    fc.assert(fc.property(object, fc.constantFrom(undefined, " ", "\r\n\t"), (value, space) => {
      const text = `${space ?? ""}${JSON.stringify(value, null, space)}${space ?? ""}`;
      const expected = Object.entries(JSON.parse(text));
      assertEquals(new Map(membersOf(text)), new Map(expected));
    }));
  });

  it("refuses what JSON.parse refuses", () => {
    const text = JSON.stringify({ a: [1, { b: '\\"c' }], d: null, e: { f: 1.5e3 } });
    const place = fc.nat(text.length - 1);
    const other = fc.constantFrom("", "{", "}", "[", "]", '"', ",", ":", "\\", "0", " ", "\n");
    fc.assert(
      fc.property(place, other, (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        let expected: unknown;
        try {
          expected = JSON.parse(changed);
        } catch {
          assertThrows(() => membersOf(changed), SyntaxError);
          return;
        }
        assertEquals(membersOf(changed), new Map(Object.entries(expected as object)));
      }),
      { numRuns: 2000 },
    );
  });

  it("says which key occurs twice, and where", () => {
    const repeated = (text: string) => {
      const { key, inside } = assertThrows(() => membersOf(text), RepeatedKey);
      return [key, inside];
    };
    assertEquals(repeated('{"a":1,"b":2,"a":3}'), ["a", false]);
    assertEquals(repeated('{"a":{"b":1,"c":{"b":1},"b":2}}'), ["a", true]);
    assertEquals([...membersOf('{"a":{"b":"b:b","c":{"b":1}}}').keys()], ["a"]);
  });
});
