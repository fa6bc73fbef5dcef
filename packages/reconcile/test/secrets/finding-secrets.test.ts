import { describe, expect, it } from "vitest";
import { createSecretScanner } from "../../src/index.ts";

// Put together here, so that no file of this repository holds what looks like one.
const github = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;
const key =
  ["-----BEGIN RSA PRIVATE", "KEY-----\n"].join(" ") +
  "MIICXAIBAAKBgQCsd\n".repeat(20) +
  "-----END RSA PRIVATE KEY-----";

const scanner = createSecretScanner(() => ["hunter2-hunter2"]);
const shown = async (text: string) => (await scanner.find(text)).map(({ start, end }) => text.slice(start, end));

describe("a secret", () => {
  it.each([
    ["a GitHub token", github],
    ["a private key", key],
    ["an AWS key id", `AKIA${"QWERTYUIOPASDFGH"}`],
    ["a Google key", `AIza${"a1B2c3D".repeat(5)}`],
    ["a Stripe key", `sk_live_${"a1B2".repeat(6)}`],
    ["an OpenAI key", `sk-proj-${"a1B2".repeat(30)}`],
    ["an Anthropic key", `sk-ant-api03-${"a1B-".repeat(23)}aAA`],
    ["an npm token", `npm_${"a1B2".repeat(9)}`],
    ["a value that is secret here", "hunter2-hunter2"],
  ])("is found: %s", async (_, secret) => {
    const text = `const it = "${secret}";\nconst x = 1;\n`;
    const found = await scanner.find(text);
    expect(found.length).toBeGreaterThan(0);
    for (const { start, end, kind } of found) {
      expect(secret).toContain(text.slice(start, end));
      expect(kind).not.toContain(secret.slice(0, 12));
    }
  });

  it("is found where a comment says not to look", async () => {
    expect(await shown(`// secretlint-disable\n${github} // secretlint-disable-line\n`)).toEqual([github]);
  });

  it("is found with a password in an address, but not where the address is an example's or this machine's", async () => {
    const of = (host: string) => `postgres://app:s3cr${"et-word"}@${host}:5432/x`;
    expect(await shown(of("db.acme.io"))).toEqual([of("db.acme.io")]);
    expect(await shown(`${of("localhost")} ${of("db.example.com")} ${of("127.0.0.1")}`)).toEqual([]);
  });

  it.each([
    ["", "nothing"],
    ["a sentence about tokens, keys and the password of ghp_", "words"],
    [`commit ${"a".repeat(40)}`, "a commit"],
    [`"integrity": "sha512-${"aB3+/".repeat(16)}=="`, "a checksum"],
    ["AKIAIOSFODNN7EXAMPLE", "the key of the manual"],
  ])("is not seen in %j: %s", async (text) => {
    expect(await scanner.find(text)).toEqual([]);
  });

  it("costs a large text no more than moments", async () => {
    const text = `${"a".repeat(1_000_000)}\n${"https://a:".repeat(20_000)}\n`;
    expect(await scanner.find(text)).toEqual([]);
  });
});
