/**
 * Hides graphics cards from tests that are run for mutants: they are not what is changed.
 *
 * @module
 */
Object.defineProperty(globalThis.navigator, "gpu", { value: undefined });
