/**
 * Files that are dropped on a page.
 *
 * @module
 */
/// <reference lib="dom" />

/**
 * Takes files wherever they are dropped, and shows by the class `dropping` of the body that it would.
 *
 * @param take Is given the first of them.
 * @param fail Is told if what was dropped is no file.
 */
export function takeDropped(take: (file: File) => void, fail: () => void): void {
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) document.body.classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const dropped = event.dataTransfer?.files[0];
    if (dropped === undefined) fail();
    else take(dropped);
  });
}
