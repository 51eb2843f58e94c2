/**
 * What `using` and `await using` need, also in programs whose library does not know them.
 *
 * @module
 */

/**
 * What `using` needs: the method `[Symbol.dispose]`. It is TypeScript's `Disposable` in a program with
 * the library "ESNext.Disposable", and asks for nothing in one that cannot name the symbol.
 */
export type Disposing = Record<
  SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : never,
  () => void
>;

/** What `await using` needs, as {@linkcode Disposing}: the method `[Symbol.asyncDispose]`. */
export type AsyncDisposing = Record<
  SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol } ? Key : never,
  () => Promise<void>
>;
