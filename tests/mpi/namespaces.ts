/**
 * Two machines, as far as the network can tell: two network namespaces of Linux with a cable between
 * them. Only root may make them.
 *
 * @module
 */

/** Two namespaces. */
export interface Namespaces {
  /** The addresses, of which the first is where mpirun runs. */
  readonly hosts: readonly string[];
  /** What runs a command in the first. */
  readonly within: readonly string[];
  /** A program that runs commands in a namespace, as ssh does on a host. */
  readonly agent: string;
  /** How many bytes have gone over the cable, one way. */
  sent(): Promise<number>;
  remove(): Promise<void>;
}

/** Called with ssh's arguments: options, the host, the command. */
const AGENT = `#!/bin/sh
while case "$1" in -*) true ;; *) false ;; esac; do shift; done
host=$1
shift
exec ip netns exec "PREFIX-$host" sh -c "$*"
`;

/** Makes them. @throws {Error} If this system or user cannot. */
export async function makeNamespaces(): Promise<Namespaces> {
  const prefix = `kernorm-${Deno.pid}`;
  const hosts = ["10.87.214.1", "10.87.214.2"];
  const dir = await Deno.makeTempDir({ prefix: "kernorm-hosts-" });
  const agent = `${dir}/agent`;
  const remove = async () => {
    for (const host of hosts) await ip("netns", "del", `${prefix}-${host}`).catch(() => {});
    await Deno.remove(dir, { recursive: true });
  };
  try {
    await Deno.writeTextFile(agent, AGENT.replace("PREFIX", prefix), { mode: 0o700 });
    const ends = [`kn${Deno.pid}a`, `kn${Deno.pid}b`];
    for (const host of hosts) await ip("netns", "add", `${prefix}-${host}`);
    await ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1]);
    for (const [i, host] of hosts.entries()) {
      const name = `${prefix}-${host}`;
      await ip("link", "set", ends[i], "netns", name);
      await ip("-n", name, "addr", "add", `${host}/24`, "dev", ends[i]);
      await ip("-n", name, "link", "set", ends[i], "up");
      await ip("-n", name, "link", "set", "lo", "up");
    }
    const within = ["ip", "netns", "exec", `${prefix}-${hosts[0]}`];
    const counter = `/sys/class/net/${ends[0]}/statistics/tx_bytes`;
    const sent = async () => Number(await ip(...within.slice(1), "cat", counter));
    return { hosts, within, agent, sent, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function ip(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("ip", { args: [...args] }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${text.decode(stderr).trim()}`);
  return text.decode(stdout);
}
