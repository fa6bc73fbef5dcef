import type { ForgeAdminClient } from "@agent-control-plane/local-forge";

export interface SeenPull {
  readonly number: number;
  readonly state: string;
  readonly body: string;
  readonly head: { readonly ref: string; readonly sha: string };
}

export interface SeenComment {
  readonly body: string;
  readonly user: { readonly login: string };
}

/** What a person sees on the forge, asked over its REST API and never through the product. */
export interface ForgeReader {
  createIssue(issue: { readonly title: string; readonly labels: readonly string[] }): Promise<number>;
  /** Open and closed. */
  pulls(): Promise<readonly SeenPull[]>;
  comments(issue: number): Promise<readonly SeenComment[]>;
  labels(issue: number): Promise<readonly string[]>;
  branches(): Promise<readonly string[]>;
}

export async function readForge(admin: ForgeAdminClient, login: string, slug: string): Promise<ForgeReader> {
  const token = await admin.createToken({ login });
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${admin.url}/api/v3/repos/${slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const names = async (path: string) => (await call<{ name: string }[]>("GET", path)).map(({ name }) => name);
  return {
    createIssue: async (issue) => (await call<{ number: number }>("POST", "/issues", issue)).number,
    pulls: () => call("GET", "/pulls?state=all&per_page=100"),
    comments: (issue) => call("GET", `/issues/${issue}/comments?per_page=100`),
    labels: (issue) => names(`/issues/${issue}/labels`),
    branches: () => names("/branches?per_page=100"),
  };
}
