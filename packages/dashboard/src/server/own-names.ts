import type { NetworkInterfaceInfo } from "node:os";

export const isLoopback = (host: string): boolean => /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host);

/** As it stands in an address. */
const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

const ofLoopback = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Pure. The names and addresses by which a server that listens on `host` is reached, the one to show first. An address
 * is safe to name: what another site can do is give its own *name* our address.
 */
export function ownNames(
  host: string,
  interfaces: { readonly [name: string]: readonly NetworkInterfaceInfo[] | undefined },
): readonly string[] {
  if (isLoopback(host)) return [...new Set([bracketed(host), ...ofLoopback])];
  if (host !== "0.0.0.0" && host !== "::") return [bracketed(host)];
  const found = Object.values(interfaces).flatMap((each) => each ?? []);
  const others = found.filter(({ internal, family }) => !internal && (host === "::" || family === "IPv4"));
  return [...others.map(({ address }) => bracketed(address)), ...ofLoopback];
}
