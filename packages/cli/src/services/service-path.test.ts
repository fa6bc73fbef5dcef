import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { servicePath } from "./service-path.ts";

function aMachine(programs: readonly string[]) {
  const root = temporaryFolder("acp-path-");
  for (const program of programs) {
    mkdirSync(join(root, program, ".."), { recursive: true });
    writeFileSync(join(root, program), "#!/bin/sh\n");
    chmodSync(join(root, program), 0o755);
  }
  const pathOf = (...folders: readonly string[]) => folders.map((folder) => join(root, folder)).join(":");
  return { root, pathOf };
}

it("is the folders that are there, in the person's order, and says where each tool was found", () => {
  const { root, pathOf } = aMachine(["usr/bin/git", "opt/agents/codex", "home/bin/node"]);
  const given = pathOf("home/bin", "gone", "usr/bin", "opt/agents", "usr/bin");
  expect(servicePath(["git", "codex", "claude"], { PATH: `${given}:bin::.` }, "/nowhere")).toEqual({
    path: pathOf("home/bin", "usr/bin", "opt/agents"),
    tools: [
      { name: "git", file: join(root, "usr/bin/git") },
      { name: "codex", file: join(root, "opt/agents/codex") },
      { name: "claude", file: null },
    ],
  });
});

it("leaves out what is gone tomorrow, and takes a tool from where it really lies", () => {
  const { root, pathOf } = aMachine([
    ...["versions/20/bin/node", ".npm/_npx/ab/bin/acp", "web/node_modules/.bin/tsc", "usr/bin/git", "tmp/x/tool"],
  ]);
  mkdirSync(join(root, "fnm_multishells"));
  symlinkSync(join(root, "versions/20"), join(root, "fnm_multishells/1"));
  const given = pathOf("fnm_multishells/1/bin", ".npm/_npx/ab/bin", "web/node_modules/.bin", "tmp/x", "usr/bin");
  const found = servicePath(["node", "git"], { PATH: given }, join(root, "tmp"));
  expect(found.path).toBe(pathOf("usr/bin", "versions/20/bin"));
});

it("has no folder of Windows, which WSL puts behind the person's own", () => {
  // Nobody makes a /mnt/c for a test; which folders are Windows' own is shown in wsl.test.ts.
  const { root, pathOf } = aMachine(["usr/bin/git", "mnt/c/Program Files/nodejs/npm", "mnt/c/agents/codex"]);
  const given = pathOf("usr/bin", "mnt/c/Program Files/nodejs", "mnt/c/agents");
  const isOfWindows = (folder: string) => folder.startsWith(join(root, "mnt/c"));
  const wanted = ["git", "codex"];
  expect(servicePath(wanted, { PATH: given }, "/nowhere", isOfWindows)).toEqual({
    path: pathOf("usr/bin"),
    tools: [
      { name: "git", file: join(root, "usr/bin/git") },
      { name: "codex", file: null },
    ],
  });
  // The twin: without the rule they are there.
  expect(servicePath(wanted, { PATH: given }, "/nowhere").path).toBe(given);
});

it("has the folder of a program that the profile names by its file, and no list of ours", () => {
  const { root, pathOf } = aMachine(["opt/claude/claude", "usr/bin/git"]);
  const found = servicePath(["git", join(root, "opt/claude/claude")], { PATH: pathOf("usr/bin") }, "/nowhere");
  expect(found.path).toBe(pathOf("usr/bin", "opt/claude"));
  expect(servicePath(["git"], { PATH: "" }, "/nowhere")).toEqual({ path: "", tools: [{ name: "git", file: null }] });
});
