import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { collectWork, fetchBranch, type GitRemote, openAnchor, pushSha, remoteHead } from "../../src/worktree/index.ts";
import { serveGit } from "./fixtures/git-server.ts";
import { makeProject, makeWorktree, plainGit, tempFolder, write } from "./fixtures/project.ts";

const token = "ghs_secretsecretsecret";
const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
const branch = "agent/demo/issue-1-s-1";

async function makeRemote() {
  const project = await makeProject();
  const server = await serveGit(project.folder, token);
  const remote: GitRemote = { url: `${server.url}/origin.git`, token };
  const worktree = await makeWorktree(project);
  write(worktree, { "a.txt": "done\n" });
  plainGit(worktree, "commit", "-q", "-am", "done");
  const { resultSha: sha } = await collectWork(project.anchor, {
    worktree,
    sessionId: "s-1",
    startSha: project.startSha,
  });
  const push = { branch, sha, expectedSha: null, defaultBranch: "main" };
  return { project, server, remote, worktree, sha, push };
}

test("a branch is fetched, pushed, read back and recognised when pushed again", async () => {
  const { project, remote, sha, push } = await makeRemote();
  expect(await fetchBranch(project.anchor, remote, "main")).toBe(project.startSha);
  expect(await remoteHead(remote, branch)).toBeNull();
  expect(await pushSha(project.anchor, remote, push)).toEqual({ kind: "pushed" });
  expect(await remoteHead(remote, branch)).toBe(sha);
  expect(await pushSha(project.anchor, remote, push)).toEqual({ kind: "already" });
  expect(await remoteHead(remote, "main")).toBe(project.startSha);
});

test("a push whose reply was lost is settled by reading the branch", async () => {
  const { project, server, remote, sha, push } = await makeRemote();
  server.dropNextPushReply = true;
  expect(await pushSha(project.anchor, remote, push)).toEqual({ kind: "already" });
  expect(server.dropNextPushReply).toBe(false);
  expect(await remoteHead(remote, branch)).toBe(sha);
});

test("a push whose reply was lost with the remote is unreachable, and repeated it is already there", async () => {
  const { project, server, remote, push } = await makeRemote();
  server.dropNextPushReply = true;
  server.onRequest = () => {
    // The read that would settle it meets a dead remote.
    if (!server.dropNextPushReply) server.isDown = true;
  };
  await expect(pushSha(project.anchor, remote, push)).rejects.toMatchObject({ reason: "unreachable" });
  server.onRequest = () => {};
  server.isDown = false;
  expect(await pushSha(project.anchor, remote, push)).toEqual({ kind: "already" });
});

test("a push to a dead remote changes nothing and may be repeated", async () => {
  const { project, server, remote, push } = await makeRemote();
  server.isDown = true;
  await expect(pushSha(project.anchor, remote, push)).rejects.toMatchObject({ reason: "unreachable" });
  server.isDown = false;
  expect(await pushSha(project.anchor, remote, push)).toEqual({ kind: "pushed" });
});

test("a branch that somebody made or moved is left alone", async () => {
  const { project, remote, sha, push } = await makeRemote();
  plainGit(project.origin, "branch", branch, "main");
  expect(await pushSha(project.anchor, remote, push)).toEqual({ kind: "moved", actual: project.startSha });
  expect(await remoteHead(remote, branch)).toBe(project.startSha);
  const wrong = { ...push, expectedSha: sha, sha: project.startSha, branch: `${branch}-2` };
  expect(await pushSha(project.anchor, remote, wrong)).toEqual({ kind: "moved", actual: null });
});

test("our own branch is moved from the head that we expect, also to rewritten history", async () => {
  const { project, remote, worktree, sha, push } = await makeRemote();
  await pushSha(project.anchor, remote, push);
  plainGit(worktree, "commit", "-q", "--amend", "-m", "again");
  const again = await collectWork(project.anchor, { worktree, sessionId: "s-1", startSha: project.startSha });
  const moved = { ...push, sha: again.resultSha, expectedSha: sha };
  expect(await pushSha(project.anchor, remote, moved)).toEqual({ kind: "pushed" });
  expect(await remoteHead(remote, branch)).toBe(again.resultSha);
});

test("a pull request's head that somebody moved meanwhile is left alone", async () => {
  const { project, remote, sha, push } = await makeRemote();
  const head = "people/feature";
  plainGit(project.origin, "branch", head, "main");
  const fix = { ...push, branch: head, expectedSha: project.startSha };
  expect(await pushSha(project.anchor, remote, fix)).toEqual({ kind: "pushed" });
  expect(await remoteHead(remote, head)).toBe(sha);

  const tree = plainGit(project.origin, "rev-parse", "main^{tree}").trim();
  const theirs = plainGit(project.origin, "commit-tree", "-p", sha, "-m", "a person's", tree).trim();
  plainGit(project.origin, "update-ref", `refs/heads/${head}`, theirs);
  const late = { ...fix, sha: project.startSha, expectedSha: sha };
  expect(await pushSha(project.anchor, remote, late)).toEqual({ kind: "moved", actual: theirs });
  expect(await remoteHead(remote, head)).toBe(theirs);
});

test.each(["main", "MAIN", "a..b", "--mirror", "refs/heads/x:refs/heads/main"])(
  "nothing is pushed to %s",
  async (name) => {
    const { project, server, remote, push } = await makeRemote();
    await expect(pushSha(project.anchor, remote, { ...push, branch: name })).rejects.toMatchObject({
      reason: "refused",
    });
    expect(server.requests).toEqual([]);
  },
);

test("a push that the remote's own rule declines is refused", async () => {
  const { project, remote, push } = await makeRemote();
  write(project.origin, { "hooks/update": "#!/bin/sh\nexit 1\n" });
  const { chmodSync } = await import("node:fs");
  chmodSync(join(project.origin, "hooks/update"), 0o755);
  await expect(pushSha(project.anchor, remote, push)).rejects.toMatchObject({ reason: "refused" });
});

test.skipIf(process.platform !== "linux")(
  "the token is in no command line, no file and no message while git uses it",
  async () => {
    const { project, server, remote, push } = await makeRemote();
    const secrets = [token, basic];
    const seen = { commands: 0, inCommands: 0, inEnvironments: 0 };
    server.onRequest = () => {
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        const command = readOr(`/proc/${pid}/cmdline`);
        if (!command.includes(server.url)) continue;
        seen.commands += 1;
        if (secrets.some((s) => command.includes(s))) seen.inCommands += 1;
        if (secrets.some((s) => readOr(`/proc/${pid}/environ`).includes(s))) seen.inEnvironments += 1;
      }
    };
    await fetchBranch(project.anchor, remote, "main");
    await pushSha(project.anchor, remote, push);
    await remoteHead(remote, branch);

    // The twin: git was looked at while it had the token.
    expect(seen.commands).toBeGreaterThan(3);
    expect(seen.inEnvironments).toBeGreaterThan(0);
    expect(seen.inCommands).toBe(0);
    for (const file of filesBelow(join(project.folder, "agents")).concat(filesBelow(project.root))) {
      const content = readFileSync(file, "latin1");
      expect(secrets.some((s) => content.includes(s))).toBe(false);
    }
  },
);

test.each([
  ["a wrong token", "wrong-token"],
  ["no token", null],
])("%s is an auth failure that does not name the token", async (_, given) => {
  const { project, remote } = await makeRemote();
  const error = await fetchBranch(project.anchor, { ...remote, token: given }, "main").catch((e) => e);
  expect(error).toMatchObject({ name: "GitError", reason: "auth" });
  if (given !== null) expect(String(error.message)).not.toContain(given);
});

test("what is not there is not found, whom nobody answers is unreachable", async () => {
  const { project, server, remote } = await makeRemote();
  const { anchor } = project;
  await expect(fetchBranch(anchor, remote, "nothing")).rejects.toMatchObject({ reason: "not-found" });
  await expect(fetchBranch(anchor, { ...remote, url: `${server.url}/no.git` }, "main")).rejects.toMatchObject({
    reason: "not-found",
  });
  const closed = { url: "http://127.0.0.1:9/x.git", token };
  await expect(remoteHead(closed, "main")).rejects.toMatchObject({ reason: "unreachable" });
});

test("the token does not follow a redirect", async () => {
  const { project } = await makeRemote();
  const heard: unknown[] = [];
  const other = await listen((request, response) => {
    heard.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  const redirecting = await listen((request, response) =>
    response.writeHead(302, { location: `${other}${request.url}` }).end(),
  );
  await expect(fetchBranch(project.anchor, { url: `${redirecting}/x.git`, token }, "main")).rejects.toMatchObject({
    reason: "not-found",
  });
  expect(heard).toEqual([]);
});

test.each([
  "ext::sh -c true",
  "ssh://git@example.invalid/x",
  "git@example.invalid:x.git",
  "--upload-pack=true",
  "https://user:secret@example.invalid/x",
  "/somewhere",
  "file:///somewhere",
])("%s is not a remote we speak to", async (url) => {
  const anchor = await openAnchor({ path: join(tempFolder(), "anchor.git") });
  const error = await fetchBranch(anchor, { url, token: null }, "main").catch((e) => e);
  expect(error.name).toBe("GitError");
  expect(error.message).toMatch(/^git remote /);
  expect(error.message).not.toContain("secret@");
});

function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler as never);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each(["main", "MAIN", "../main", "-main", "refs/heads/main:x"])("nothing is ever pushed to %s", async (to) => {
  const { project, remote, push } = await makeRemote();
  const onto = { ...push, branch: to, expectedSha: project.startSha };
  await expect(pushSha(project.anchor, remote, onto)).rejects.toMatchObject({ reason: "refused" });
  expect(await remoteHead(remote, "main")).toBe(project.startSha);
});
