import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lru } from "../../ops/plan/lru.ts";

/** A cache of two, with what it has made and dropped. */
function cacheOfTwo() {
  const made: string[] = [];
  const dropped: string[] = [];
  const cache = new Lru<string, { key: string }>(2, ({ key }) => dropped.push(key));
  const get = (key: string) => cache.get(key, () => (made.push(key), { key }));
  return { cache, get, made, dropped };
}

describe("a cache", () => {
  it("makes a value once", () => {
    const { get, made } = cacheOfTwo();
    const first = get("a");
    assertEquals(get("a") === first, true);
    assertEquals(made, ["a"]);
  });

  it("drops what was used least recently, whenever it was made", () => {
    const { cache, get, made, dropped } = cacheOfTwo();
    for (const key of ["a", "b", "a", "c", "a", "b"]) get(key);
    assertEquals(made, ["a", "b", "c", "b"]);
    assertEquals(dropped, ["b", "c"]);
    assertEquals(cache.size, 2);
  });

  it("keeps nothing of a value that could not be made, and drops nothing for it", () => {
    const { cache, get, made, dropped } = cacheOfTwo();
    get("a");
    get("b");
    const fail = () => {
      throw new RangeError("no room");
    };
    assertThrows(() => cache.get("c", fail), RangeError, "no room");
    assertEquals([cache.size, dropped], [2, []]);
    get("c");
    assertEquals([made, dropped], [["a", "b", "c"], ["a"]]);
  });

  it("is empty once it is cleared, and returns what it held without dropping it", () => {
    const { cache, get, dropped } = cacheOfTwo();
    for (const key of ["a", "b", "a"]) get(key);
    assertEquals(cache.clear(), [{ key: "b" }, { key: "a" }]);
    assertEquals([cache.size, dropped], [0, []]);
  });
});
