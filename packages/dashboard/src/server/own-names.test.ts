import type { NetworkInterfaceInfo } from "node:os";
import { expect, it } from "vitest";
import { ownNames } from "./own-names.ts";

const one = (address: string, family: "IPv4" | "IPv6", internal = false) =>
  ({ address, family, internal }) as NetworkInterfaceInfo;
const interfaces = {
  lo: [one("127.0.0.1", "IPv4", true), one("::1", "IPv6", true)],
  eth0: [one("192.0.2.7", "IPv4"), one("2001:db8::7", "IPv6")],
};
const ofLoopback = ["127.0.0.1", "localhost", "[::1]"];

it.each([
  ["127.0.0.1", ofLoopback],
  ["localhost", ["localhost", "127.0.0.1", "[::1]"]],
  ["::1", ["[::1]", "127.0.0.1", "localhost"]],
  ["127.0.0.2", ["127.0.0.2", ...ofLoopback]],
  ["192.0.2.7", ["192.0.2.7"]],
  ["box.example", ["box.example"]],
  ["0.0.0.0", ["192.0.2.7", ...ofLoopback]],
  ["::", ["192.0.2.7", "[2001:db8::7]", ...ofLoopback]],
])("who listens on %s is reached by %j", (host, names) => expect(ownNames(host, interfaces)).toEqual(names));
