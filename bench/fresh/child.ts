/**
 * Imports a program, runs it, and prints the milliseconds of processor time that this took: the time of
 * all threads of this process, without what it took to start.
 *
 * @module
 */
import process from "node:process";

function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const start = spent();
const { run }: { run(): Promise<void> } = await import(Deno.args[0]);
await run();
console.log(spent() - start);
