import type { ForgeAdminClient } from "@agent-control-plane/local-forge";

export interface SeenPull {
  readonly number: number;
  readonly state: string;
  readonly title: string;
  readonly body: string;
  readonly merged_at: string | null;
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
  issue(number: number): Promise<{ readonly state: string; readonly title: string; readonly body: string | null }>;
  /** Open and closed, pull requests included. */
  issues(): Promise<readonly { readonly body: string | null }[]>;
  reviews(pull: number): Promise<readonly { readonly body: string }[]>;
  lineComments(pull: number): Promise<readonly { readonly body: string }[]>;
  statuses(sha: string): Promise<readonly { readonly context: string; readonly state: string }[]>;
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
    issue: (number) => call("GET", `/issues/${number}`),
    issues: () => call("GET", "/issues?state=all&per_page=100"),
    reviews: (pull) => call("GET", `/pulls/${pull}/reviews?per_page=100`),
    lineComments: (pull) => call("GET", `/pulls/${pull}/comments?per_page=100`),
    statuses: (sha) => call("GET", `/commits/${sha}/statuses?per_page=100`),
  };
}
