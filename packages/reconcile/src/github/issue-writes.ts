import { ForgeError, type Instant, type Issue } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import { nextLink } from "./link-header.ts";
import { normaliseIssue, type RawIssue } from "./normalise.ts";
import type { RepositoryName } from "./repository-name.ts";

export type CloseReason = "completed" | "not-planned";

export interface IssueWrites {
  createIssue(issue: { title: string; body: string; labels: readonly string[] }): Promise<Issue>;
  /** As it is now. */
  issue(number: number): Promise<Issue>;
  updateIssue(number: number, change: { title?: string; body?: string }): Promise<Issue>;
  closeIssue(number: number, reason: CloseReason): Promise<Issue>;
  /**
   * Issues this account made at `since` or later, newest first (null: of everybody, where the account is not known).
   * Throws when they are more than a thousand: then nothing can be told from the list.
   */
  issuesBy(login: string | null, since: Instant): Promise<readonly OwnIssue[]>;
}

export interface OwnIssue extends Issue {
  /** Made by a program that is registered at the forge, not by a person's account. */
  readonly isBot: boolean;
}

export function createIssueWrites({ request }: Gate, at: RepositoryName): IssueWrites {
  const one = "/repos/{owner}/{repo}/issues/{issue_number}";
  const change = async (issue_number: number, wanted: object) =>
    normaliseIssue((await request(`PATCH ${one}`, { ...at, issue_number, ...wanted })).data as RawIssue);

  return {
    async createIssue({ title, body, labels }) {
      const sent = { ...at, title, body, labels: [...labels] };
      return normaliseIssue((await request("POST /repos/{owner}/{repo}/issues", sent)).data as RawIssue);
    },

    async issue(issue_number) {
      return normaliseIssue((await request(`GET ${one}`, { ...at, issue_number })).data as RawIssue);
    },

    updateIssue: change,

    closeIssue: (number, reason) =>
      change(number, { state: "closed", state_reason: reason === "not-planned" ? "not_planned" : "completed" }),

    async issuesBy(login, since) {
      const query = { state: "all", sort: "created", direction: "desc", per_page: 100 };
      const by = login === null ? query : { ...query, creator: login };
      let url: string | null = request.endpoint("GET /repos/{owner}/{repo}/issues", { ...at, ...by }).url;
      const found: OwnIssue[] = [];
      for (let page = 1; url !== null; page += 1) {
        if (page > mostPages) throw tooMany(login, since);
        const answer: { data: RawOwnIssue[]; headers: { link?: string } } = await request({ method: "GET", url });
        const issues = answer.data.filter((raw) => raw.pull_request === undefined).map(normaliseOwn);
        found.push(...issues);
        const oldest = answer.data.at(-1);
        url = oldest !== undefined && Date.parse(oldest.created_at) < since ? null : nextLink(answer.headers.link);
      }
      return found;
    },
  };
}

const mostPages = 10;

type RawOwnIssue = RawIssue & { user: { login: string; type?: string } | null };

function normaliseOwn(raw: RawOwnIssue): OwnIssue {
  return { ...normaliseIssue(raw), isBot: raw.user?.type === "Bot" };
}

function tooMany(login: string | null, since: Instant): ForgeError {
  return new ForgeError(
    "refused",
    `More than ${mostPages * 100} issues and pull requests by ${login ?? "anybody"} are newer than ` +
      `${new Date(since).toISOString()}, so it cannot be told whether this one is among them. Look for it on the ` +
      "forge; then drop this write, or retry it.",
    { code: "unsettled" },
  );
}
