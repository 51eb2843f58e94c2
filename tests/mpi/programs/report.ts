/** What a rank reports, in a file of its own: lines of several processes may run into each other. */
export function report(rank: number, what: unknown): void {
  Deno.writeTextFileSync(`${Deno.args[0]}/${rank}`, JSON.stringify(what));
}
