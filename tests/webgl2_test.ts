import { describe } from "@std/testing/bdd";
describe("x", () => {});
