import { GitError } from "./git-error.ts";

/** A repository somewhere else. `file` remotes run programs of that repository and must be allowed by name. */
export interface GitRemote {
  /** `http(s)://host/path`, or a path or `file://` URL when `allowFile`. Never with credentials in it. */
  readonly url: string;
  readonly token: string | null;
  readonly allowFile?: boolean;
}

export interface RemoteAccess {
  /** Configuration for the environment, where neither the process list nor a file shows it. */
  readonly config: readonly (readonly [string, string])[];
  /** Value of GIT_ALLOW_PROTOCOL; no configuration of a repository can widen it. */
  readonly protocols: string;
  readonly secrets: readonly string[];
}

/** How one git process may reach `remote`. Throws `GitError` for a URL that we do not speak. */
export function remoteAccess(remote: GitRemote): RemoteAccess {
  if (isLocal(remote.url)) {
    if (!remote.allowFile) throw refusedUrl(remote.url, "a local path, which is not allowed here");
    return { config: [], protocols: "file", secrets: [] };
  }
  const url = parseUrl(remote.url);
  if (remote.token === null) return { config: [], protocols: "http:https", secrets: [] };
  const basic = Buffer.from(`x-access-token:${remote.token}`).toString("base64");
  return {
    config: [
      [`http.${url.origin}/.extraHeader`, `Authorization: Basic ${basic}`],
      // A redirect would take the header to another host.
      ["http.followRedirects", "false"],
    ],
    protocols: "http:https",
    secrets: [remote.token, basic],
  };
}

function isLocal(url: string): boolean {
  return url.startsWith("/") || url.startsWith("file://");
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw refusedUrl(text, "not an http(s) URL");
  }
  if (url.username !== "" || url.password !== "") {
    throw refusedUrl(text, "a URL with credentials in it; put the token into the secrets file");
  }
  return url;
}

function refusedUrl(url: string, because: string): GitError {
  return new GitError("other", `git remote ${url.replace(/\/\/[^/]*@/, "//***@")} is ${because}`);
}
