import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { followGit } from "./follow-git.ts";
import type { Forge } from "./forge.ts";
import { followForkedHeads } from "./pulls/follow-forked-heads.ts";
import { type Viewer, viewerOfToken } from "./storage/accounts.ts";
import { findRepository, permissionOf, type Repository, reaches } from "./storage/repositories.ts";

/** Smart HTTP only: what git asks with version 1 and 2 of its protocol. */
const gitPath = /^\/([^/]+)\/([^/]+?)\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export function isGitPath(path: string): boolean {
  return gitPath.test(path);
}

/**
 * Answers one git request through `git http-backend`. Resolves with the status once the reply is sent, or would have
 * been: with `loseReply` the connection is cut after the work is done.
 */
export async function answerGit(
  forge: Forge,
  request: IncomingMessage,
  response: ServerResponse,
  loseReply: boolean,
): Promise<number> {
  const url = new URL(request.url ?? "/", "http://forge");
  const [, owner = "", name = "", what = ""] = (gitPath.exec(url.pathname) ?? []).map(decode);
  const isPush = what === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  const viewer = viewerOf(forge, request.headers.authorization);
  if (!viewer) return refuse(response, 401, "Authentication required", { "www-authenticate": 'Basic realm="forge"' });
  const repository = findRepository(forge.db, owner, name);
  const level = repository ? permissionOf(forge.db, repository, viewer.user) : "none";
  if (!repository || !reaches(level, "read")) return refuse(response, 404, "Repository not found");
  if (isPush && (viewer.scope === "read" || !reaches(level, "write"))) {
    return refuse(response, 403, `Permission to ${owner}/${name} denied to ${viewer.user.login}`);
  }
  return runBackend(forge, repository, viewer, request, response, what, url, loseReply);
}

function viewerOf(forge: Forge, authorization: string | undefined): Viewer | undefined {
  const [, scheme = "", value = ""] = /^(\w+)\s+(\S+)$/.exec(authorization ?? "") ?? [];
  if (/^(bearer|token)$/i.test(scheme)) return viewerOfToken(forge.db, value);
  if (!/^basic$/i.test(scheme)) return undefined;
  const [user = "", password = ""] = splitOnce(Buffer.from(value, "base64").toString("utf8"), ":");
  return viewerOfToken(forge.db, password === "" ? user : password);
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + at.length)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): number {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close", ...headers });
  response.end(`${message}\n`);
  return status;
}

async function runBackend(
  forge: Forge,
  repository: Repository,
  viewer: Viewer,
  request: IncomingMessage,
  response: ServerResponse,
  what: string,
  url: URL,
  loseReply: boolean,
): Promise<number> {
  const child = spawn("git", ["http-backend"], {
    cwd: forge.gitPath(repository),
    env: backendEnvironment(forge, repository, viewer, request, what, url),
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stderr.on("data", (chunk) => forge.log(`git http-backend: ${String(chunk).trim()}`));
  child.stdin.on("error", () => {}); // it may end without reading all; its answer tells
  request.pipe(child.stdin);
  request.on("close", () => {
    if (!request.complete) child.stdin.destroy(); // the client is gone: git ends and changes nothing
  });
  const isPush = what === "git-receive-pack";
  // A push is answered after the rows follow it, so that whoever pushed sees its effects at once; its answer is small.
  if (!isPush && !loseReply) return streamReply(child, response);
  const reply = await wholeReply(child);
  if (isPush) {
    await forge.exclusively(repository, () => followGit(forge, repository, viewer.user));
    await followForkedHeads(forge, repository, viewer.user);
  }
  if (loseReply) {
    request.socket.destroy();
    return reply.status;
  }
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
  return reply.status;
}

function backendEnvironment(
  forge: Forge,
  repository: Repository,
  viewer: Viewer,
  request: IncomingMessage,
  what: string,
  url: URL,
): Record<string, string> {
  const header = (name: string) => String(request.headers[name] ?? "");
  const optional = {
    // CONTENT_LENGTH stays unset: a chunked body has none, and without it the backend reads to the end.
    CONTENT_TYPE: header("content-type"),
    GIT_PROTOCOL: header("git-protocol"),
    HTTP_CONTENT_ENCODING: header("content-encoding"),
  };
  return {
    ...forge.git.environment,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== "")),
    GIT_PROJECT_ROOT: join(forge.gitPath(repository), "..", ".."),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: `/${repository.owner}/${repository.name}.git/${what}`,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? "GET",
    REMOTE_USER: viewer.user.login,
    REMOTE_ADDR: "127.0.0.1",
  };
}

interface ReplyHead {
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** Pure: the head of a CGI answer and where its body begins; null while it is incomplete. */
function parseReplyHead(bytes: Buffer): (ReplyHead & { bodyAt: number }) | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const lines = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const pairs = lines.map((line) => splitOnce(line, ":").map((side) => side.trim()) as [string, string]);
  const status = pairs.find(([name]) => name.toLowerCase() === "status")?.[1];
  const headers = Object.fromEntries(pairs.filter(([name]) => name.toLowerCase() !== "status"));
  return { status: status ? Number.parseInt(status, 10) : 200, headers, bodyAt: end + 4 };
}

const brokenReply: ReplyHead = { status: 500, headers: { "content-type": "text/plain" } };

function streamReply(child: ChildProcessWithoutNullStreams, response: ServerResponse): Promise<number> {
  return new Promise((resolve) => {
    let waiting: Buffer | null = Buffer.alloc(0);
    let status = brokenReply.status;
    child.stdout.on("data", (chunk: Buffer) => {
      if (waiting === null) return void pushOn(child, response, chunk);
      waiting = Buffer.concat([waiting, chunk]);
      const head = parseReplyHead(waiting);
      if (!head) return;
      status = head.status;
      response.writeHead(head.status, head.headers);
      const rest = waiting.subarray(head.bodyAt);
      waiting = null;
      pushOn(child, response, rest);
    });
    response.on("close", () => {
      if (child.exitCode === null && !response.writableFinished) child.kill("SIGTERM");
    });
    child.on("error", () => resolve(500));
    child.on("close", () => {
      if (waiting !== null) response.writeHead(brokenReply.status, brokenReply.headers);
      response.end();
      resolve(status);
    });
  });
}

function pushOn(child: ChildProcessWithoutNullStreams, response: ServerResponse, chunk: Buffer): void {
  if (response.destroyed || response.write(chunk)) return;
  child.stdout.pause();
  response.once("drain", () => child.stdout.resume());
}

function wholeReply(child: ChildProcessWithoutNullStreams): Promise<ReplyHead & { body: Buffer }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", () => resolve({ ...brokenReply, body: Buffer.from("git could not be started\n") }));
    child.on("close", () => {
      const bytes = Buffer.concat(chunks);
      const head = parseReplyHead(bytes);
      if (!head) return resolve({ ...brokenReply, body: Buffer.from("git http-backend gave no answer\n") });
      resolve({ ...head, body: bytes.subarray(head.bodyAt) });
    });
  });
}
