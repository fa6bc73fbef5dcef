import type { ForgeAdminClient } from "@agent-control-plane/local-forge";

export interface SeenPull {
  readonly number: number;
  readonly state: string;
  readonly merged: boolean;
  readonly body: string;
  readonly head: { readonly ref: string; readonly sha: string };
}

export interface SeenReview {
  readonly user: { readonly login: string };
  readonly state: string;
  readonly commit_id: string;
  readonly body: string;
}

export interface SeenStatus {
  readonly creator: { readonly login: string };
  readonly state: string;
  readonly context: string;
  readonly description: string;
}

/** Somebody with an account at the forge, who uses its REST API and never the product. */
export interface Person {
  readonly login: string;
  createIssue(issue: {
    readonly title: string;
    readonly body?: string;
    readonly labels?: readonly string[];
  }): Promise<number>;
  edit(
    issue: number,
    change: {
      readonly title?: string;
      readonly body?: string;
      readonly state?: "open" | "closed";
      readonly labels?: readonly string[];
    },
  ): Promise<void>;
  issue(number: number): Promise<{ readonly state: string; readonly body: string }>;
  label(item: number, ...labels: readonly string[]): Promise<void>;
  unlabel(item: number, label: string): Promise<void>;
  say(item: number, body: string): Promise<void>;
  openPull(pull: { readonly head: string; readonly title: string; readonly body?: string }): Promise<SeenPull>;
  merge(pull: number): Promise<void>;
  /** Open and closed. */
  pulls(): Promise<readonly SeenPull[]>;
  pull(number: number): Promise<SeenPull>;
  /** First lines of the comments on an item that are ours, or all of them. */
  comments(item: number): Promise<readonly string[]>;
  labels(item: number): Promise<readonly string[]>;
  reviews(pull: number): Promise<readonly SeenReview[]>;
  /** Newest first. */
  statuses(sha: string): Promise<readonly SeenStatus[]>;
  setStatus(sha: string, status: { readonly state: string; readonly context: string }): Promise<void>;
  /** Head commits by branch. */
  branches(): Promise<ReadonlyMap<string, string>>;
}

export async function personAt(admin: ForgeAdminClient, slug: string, login: string): Promise<Person> {
  const token = await admin.createToken({ login });
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${admin.url}/api/v3/repos/${slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  const names = async (path: string) => (await call<{ name: string }[]>("GET", path)).map(({ name }) => name);
  return {
    login,
    createIssue: async (issue) => (await call<{ number: number }>("POST", "/issues", issue)).number,
    issue: (number) => call("GET", `/issues/${number}`),
    edit: (issue, change) => call("PATCH", `/issues/${issue}`, change),
    label: (item, ...labels) => call("POST", `/issues/${item}/labels`, { labels }),
    unlabel: (item, label) => call("DELETE", `/issues/${item}/labels/${encodeURIComponent(label)}`),
    say: (item, body) => call("POST", `/issues/${item}/comments`, { body }),
    openPull: (pull) => call("POST", "/pulls", { base: "main", ...pull }),
    merge: (pull) => call("PUT", `/pulls/${pull}/merge`, {}),
    pulls: () => call("GET", "/pulls?state=all&per_page=100"),
    pull: (number) => call("GET", `/pulls/${number}`),
    comments: async (item) =>
      (await call<{ body: string }[]>("GET", `/issues/${item}/comments?per_page=100`)).map(({ body }) => body),
    labels: (item) => names(`/issues/${item}/labels`),
    reviews: (pull) => call("GET", `/pulls/${pull}/reviews?per_page=100`),
    statuses: (sha) => call("GET", `/commits/${sha}/statuses?per_page=100`),
    setStatus: (sha, status) => call("POST", `/statuses/${sha}`, status),
    branches: async () => {
      const list = await call<{ name: string; commit: { sha: string } }[]>("GET", "/branches?per_page=100");
      return new Map(list.map(({ name, commit }) => [name, commit.sha]));
    },
  };
}
