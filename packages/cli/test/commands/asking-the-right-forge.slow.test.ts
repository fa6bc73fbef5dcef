// Which forge a profile lives on stands in the profile: no command asks another one, whatever this shell has exported.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Installation, installation } from "../doctor/installation.ts";
import { runHere } from "../support/in-process.ts";

let installed: Installation;
let other: Server;
const askedOfOther: string[] = [];
beforeAll(async () => {
  installed = await installation();
  other = createServer((request, response) => {
    askedOfOther.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "content-type": "application/json" }).end("[]");
  });
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
});
afterAll(async () => {
  other.close();
  await installed.close();
});

it("every command works with the profile's own forge, whatever forge the environment names", async () => {
  const home = installed.home();
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const env = {
    ...home.env,
    ACP_FORGE_PROVIDER: "gitea",
    ACP_GITEA_BASE_URL: elsewhere,
    GITEA_BASE_URL: elsewhere,
    GITHUB_API_URL: elsewhere,
    GITHUB_SERVER_URL: elsewhere,
    GITHUB_GRAPHQL_URL: elsewhere,
    GH_HOST: elsewhere,
    GH_REPO: "eve/web",
    GITHUB_REPOSITORY: "eve/web",
    GITHUB_TOKEN: "of-this-shell",
  };
  const asking = [
    ["issue", "create", "--title", "Some work", "--label", "agent-ready"],
    ["issue", "list"],
    ["pr", "list"],
    ["why", "1"],
    ["runtime", "tick", "--dry-run"],
    ["profile-adopt"],
    ["doctor"],
  ];
  for (const line of asking) {
    const before = installed.forge.counters().requests;
    const ran = await runHere([...line, "--json"], { env });
    expect({ line, code: ran.code }, ran.stderr).toEqual({ line, code: 0 });
    expect(installed.forge.counters().requests, line.join(" ")).toBeGreaterThan(before);
  }
  for (const line of [
    ["runtime", "status"],
    ["runtime", "stop"],
    ["outbox", "list"],
  ]) {
    const ran = await runHere([...line, "--json"], { env });
    expect({ line, code: ran.code }, ran.stderr).toEqual({ line, code: 0 });
  }
  expect(askedOfOther).toEqual([]);
  const { stdout } = await runHere(["issue", "list", "--json"], { env: home.env });
  expect(JSON.parse(stdout).issues).toMatchObject([{ title: "Some work" }]);
});
