import { ForgeError } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import { graphqlUrl } from "./graphql-url.ts";
import type { RepositoryName } from "./repository-name.ts";

/** What the forge will do with a pull request by itself. */
export interface Queueing {
  /** What GraphQL calls the pull request. */
  readonly nodeId: string;
  /** Whether its base takes changes through a merge queue. */
  readonly hasQueue: boolean;
  /** It stands in the queue, or will be merged once the rules of its base are met. */
  readonly isWaiting: boolean;
  /** It stands in the queue, and the account behind our token put it there. */
  readonly isQueuedByUs: boolean;
}

/** The merge queue, which GitHub offers in GraphQL alone. */
export interface MergeQueueWrites {
  queueing(number: number): Promise<Queueing>;
  /** Throws `refused` while the rules of its base do not hold, or when its head is not `sha`. */
  enqueue(nodeId: string, sha: string): Promise<void>;
  /** Throws `refused` when it does not stand there. */
  dequeue(nodeId: string): Promise<void>;
}

export function createMergeQueueWrites(gate: Gate, { owner, repo }: RepositoryName): MergeQueueWrites {
  async function ask(query: string, variables: object, what: string): Promise<Answer["data"]> {
    const url = graphqlUrl(gate.apiUrl);
    const { data, errors } = ((await gate.request({ method: "POST", url, query, variables })).data ?? {}) as Answer;
    const failure = errors?.[0];
    if (failure !== undefined) throw failed(failure, what);
    return data ?? null;
  }

  return {
    async queueing(number) {
      const data = await ask(queueingQuery, { owner, name: repo, number }, `whether #${number} waits to be merged`);
      const pull = data?.repository?.pullRequest;
      if (typeof pull?.id !== "string") {
        throw new ForgeError("unreachable", `The forge did not say whether #${number} waits to be merged.`);
      }
      return {
        nodeId: pull.id,
        hasQueue: pull.isMergeQueueEnabled === true,
        isWaiting: pull.isInMergeQueue === true || (pull.autoMergeRequest ?? null) !== null,
        isQueuedByUs: isSameAccount(data?.viewer?.login, pull.mergeQueueEntry?.enqueuer?.login),
      };
    },

    async enqueue(pullRequestId, expectedHeadOid) {
      await ask(enqueueMutation, { input: { pullRequestId, expectedHeadOid } }, "to put it into the merge queue");
    },

    async dequeue(id) {
      await ask(dequeueMutation, { input: { id } }, "to take it out of the merge queue");
    },
  };
}

const queueingQuery = `query ($owner: String!, $name: String!, $number: Int!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id isMergeQueueEnabled isInMergeQueue autoMergeRequest { enabledAt } mergeQueueEntry { enqueuer { login } }
    }
  }
}`;

const enqueueMutation = `mutation ($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { clientMutationId }
}`;

const dequeueMutation = `mutation ($input: DequeuePullRequestInput!) {
  dequeuePullRequest(input: $input) { clientMutationId }
}`;

/** An app is named with its ending `[bot]` in one place and without it in another. */
function isSameAccount(one: unknown, other: unknown): boolean {
  if (typeof one !== "string" || typeof other !== "string") return false;
  const bare = (login: string) => login.toLowerCase().replace(/\[bot\]$/, "");
  return bare(one) === bare(other);
}

interface Answer {
  readonly data?: {
    readonly viewer?: { readonly login?: unknown } | null;
    readonly repository?: { readonly pullRequest?: QueuedPull | null } | null;
  } | null;
  readonly errors?: readonly { readonly type?: unknown; readonly message?: unknown }[];
}

interface QueuedPull {
  readonly id?: unknown;
  readonly isMergeQueueEnabled?: unknown;
  readonly isInMergeQueue?: unknown;
  readonly autoMergeRequest?: unknown;
  readonly mergeQueueEntry?: { readonly enqueuer?: { readonly login?: unknown } | null } | null;
}

/** Each kind GitHub gives to a no; anything else is a fault of its own, after which a change may have been made. */
function failed({ type, message }: { readonly type?: unknown; readonly message?: unknown }, what: string): ForgeError {
  const said = typeof message === "string" ? message.replace(/[\s\p{Cc}]+/gu, " ").slice(0, 300) : "no reason";
  const text = `The forge was asked ${what} and answered: ${said}`;
  if (type === "NOT_FOUND") return new ForgeError("gone", text);
  if (typeof type === "string" && refusals.has(type)) return new ForgeError("refused", text);
  return new ForgeError("unreachable", text, { maybeApplied: true });
}

const refusals: ReadonlySet<string> = new Set(["UNPROCESSABLE", "FORBIDDEN", "INSUFFICIENT_SCOPES", "STALE_DATA"]);
