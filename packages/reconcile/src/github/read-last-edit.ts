import { ForgeError, type TextEdit } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import { graphqlUrl } from "./graphql-url.ts";
import { loginOf } from "./normalise.ts";
import type { RepositoryName } from "./repository-name.ts";

/**
 * Who last edited an issue's body, and when; null: nobody ever did. REST has no answer to this, so it is one GraphQL
 * query: charged to a budget of its own (5,000 an hour at GitHub) each time, as it knows no ETag.
 *
 * Trust hangs on the answer. Whatever is not a clear one is thrown, and "the forge has no GraphQL" too: then no issue's
 * text can be trusted there. GitHub and GitHub Enterprise both have it.
 */
export async function readLastEdit(
  gate: Gate,
  { owner, repo }: RepositoryName,
  issueNumber: number,
): Promise<TextEdit | null> {
  const variables = { owner, name: repo, number: issueNumber };
  const answer = await send(gate, variables);
  const what = `who last edited issue ${issueNumber} of ${owner}/${repo}`;
  const failure = answer?.errors?.[0];
  if (failure !== undefined) throw failed(failure, what);
  const issue = answer?.data?.repository?.issue;
  if (issue?.lastEditedAt === null) return null;
  const at = typeof issue?.lastEditedAt === "string" ? Date.parse(issue.lastEditedAt) : Number.NaN;
  if (Number.isNaN(at)) throw new ForgeError("unreachable", `The forge did not say ${what}. Asked again later.`);
  return { editor: editorOf(issue?.editor), at };
}

const query = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) { lastEditedAt editor { __typename login } }
  }
}`;

interface Answer {
  readonly data?: { readonly repository?: { readonly issue?: Edited | null } | null } | null;
  readonly errors?: readonly { readonly type?: unknown; readonly message?: unknown }[];
}

interface Edited {
  readonly lastEditedAt?: unknown;
  readonly editor?: { readonly __typename?: unknown; readonly login?: unknown } | null;
}

async function send(gate: Gate, variables: object): Promise<Answer | null> {
  const url = graphqlUrl(gate.apiUrl);
  try {
    return (await gate.request({ method: "POST", url, query, variables })).data as Answer | null;
  } catch (error) {
    // "Not here" is said of GraphQL, not of the issue: it must not look like an issue that was deleted.
    if (!(error instanceof ForgeError) || error.failure !== "gone") throw error;
    throw new ForgeError(
      "refused",
      `The forge has no GraphQL at ${url}, so nobody can tell who edited an issue, and its text cannot be trusted. ` +
        "Use GitHub, GitHub Enterprise or the local forge.",
      { ...(error.details.status === undefined ? {} : { status: error.details.status }), cause: error },
    );
  }
}

/** `NOT_FOUND`: the issue went away since, or the token cannot see it; other types are no answer. */
function failed({ type, message }: { readonly type?: unknown; readonly message?: unknown }, what: string): ForgeError {
  const said = typeof message === "string" ? message.replace(/[\s\p{Cc}]+/gu, " ").slice(0, 300) : "no reason";
  if (type === "NOT_FOUND") return new ForgeError("gone", `The forge did not find out ${what} (${said}).`);
  const failure = type === "FORBIDDEN" || type === "INSUFFICIENT_SCOPES" ? "refused" : "unreachable";
  return new ForgeError(failure, `The forge did not say ${what} (${said}).`);
}

// GraphQL names an app `x` that REST, and with it every other reading of ours, names `x[bot]`.
function editorOf(editor: Edited["editor"]): string {
  const login = loginOf(editor);
  return editor?.__typename === "Bot" && !login.endsWith("[bot]") ? `${login}[bot]` : login;
}
