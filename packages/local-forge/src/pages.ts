import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Forge } from "./forge.ts";
import { mergeBase, readDiff } from "./git/reading.ts";
import { userById } from "./storage/accounts.ts";
import { recordedBranch } from "./storage/branches.ts";
import { listComments } from "./storage/comments.ts";
import { findIssue, type Issue, listIssues } from "./storage/issues.ts";
import { findJobLog } from "./storage/job-logs.ts";
import { labelsOfIssue } from "./storage/labels.ts";
import { findPull, type Pull } from "./storage/pulls.ts";
import { findRepository, type Repository } from "./storage/repositories.ts";
import { isoTime } from "./views/shared.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/**
 * What `html_url` opens: read-only pages for the person at this machine. All text in them is hostile; it is escaped,
 * shown as text, and the content policy allows no script at all.
 */
export function createPages(forge: Forge): Hono {
  const pages = new Hono();
  pages.use("*", async (c, next) => {
    // Without this a web page could rebind its name to this address and read along.
    const host = new URL(`http://${c.req.header("host") ?? ""}`).hostname;
    if (host !== "127.0.0.1" && host !== "localhost") return c.text("Open this address as 127.0.0.1\n", 403);
    await next();
    c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    c.header("x-content-type-options", "nosniff");
  });
  pages.get("/:owner/:repo", (c) => {
    const repository = findRepository(forge.db, c.req.param("owner"), c.req.param("repo"));
    return repository ? c.html(repositoryPage(forge, repository)) : c.text("Not found\n", 404);
  });
  pages.get("/:owner/:repo/job-logs/:id{[0-9]+}", (c) => {
    const repository = findRepository(forge.db, c.req.param("owner"), c.req.param("repo"));
    const found = repository && findJobLog(forge.db, repository, Number(c.req.param("id")));
    // Who brings a token along sent it to somebody who should not have it.
    if (c.req.header("authorization")) return c.text("A signed address takes no credentials\n", 400);
    return found?.signature === c.req.query("signature") ? c.text(found?.log ?? "") : c.text("Not found\n", 404);
  });
  pages.get("/:owner/:repo/:kind{issues|pull}/:number{[0-9]+(?:\\.diff)?}", async (c) => {
    const repository = findRepository(forge.db, c.req.param("owner"), c.req.param("repo"));
    const issue = repository && findIssue(forge.db, repository, Number.parseInt(c.req.param("number"), 10));
    if (!repository || !issue || issue.is_deleted) return c.text("Not found\n", 404);
    const diff = issue.is_pull ? await pullDiff(forge, repository, issue.number) : null;
    if (c.req.param("number").endsWith(".diff")) return c.text(diff ?? "");
    return c.html(issuePage(forge, repository, issue, diff));
  });
  return pages;
}

function repositoryPage(forge: Forge, repository: Repository): Html {
  const { rows } = listIssues(forge.db, repository, {
    state: "all",
    labels: [],
    creator: null,
    since: null,
    sort: "created",
    direction: "desc",
    page: 1,
    perPage: 200,
  });
  const name = `${repository.owner}/${repository.name}`;
  return layout(
    name,
    html`<h1>${name}</h1>
      <p><code>git clone ${forge.url}/${name}.git</code></p>
      <ul>${rows.map((issue) => issueLine(forge, name, issue))}</ul>`,
  );
}

function issueLine(forge: Forge, name: string, issue: Issue): Html {
  const kind = issue.is_pull ? "pull" : "issues";
  return html`<li>
    <a href="/${name}/${kind}/${issue.number}">#${issue.number} ${issue.title}</a>
    ${issue.is_pull ? "pull request, " : ""}${issue.state} ${labels(forge, issue)}
  </li>`;
}

function issuePage(forge: Forge, repository: Repository, issue: Issue, diff: string | null): Html {
  const pull = issue.is_pull ? findPull(forge.db, repository, issue.number) : undefined;
  const name = `${repository.owner}/${repository.name}`;
  return layout(
    `${issue.title} #${issue.number}`,
    html`<p><a href="/${name}">${name}</a></p>
      <h1>${issue.title} #${issue.number}</h1>
      <p>${pull?.merged_at ? "merged" : issue.state} ${pull ? `${pull.head_ref} into ${pull.base_ref}` : ""} ${labels(forge, issue)}</p>
      ${entry(forge, issue.author_id, issue.created_at, issue.body ?? "")}
      ${listComments(forge.db, repository, issue, null).map((comment) =>
        entry(forge, comment.author_id, comment.created_at, comment.body),
      )}
      ${diff === null ? "" : html`<h2>Changes</h2><pre>${diff}</pre>`}`,
  );
}

function entry(forge: Forge, authorId: number, at: number, body: string): Html {
  return html`<section><p><b>${userById(forge.db, authorId).login}</b> ${isoTime(at)}</p><pre>${body}</pre></section>`;
}

function labels(forge: Forge, issue: Issue): Html[] {
  return labelsOfIssue(forge.db, issue.id).map((label) => html`<span class="label">${label.name}</span> `);
}

function layout(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head><meta charset="utf-8"><title>${title}</title><style>${raw(style)}</style></head>
      <body>${content}</body>
    </html>`;
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f5;padding:.7rem;border-radius:.3rem}
.label{background:#e4e4e7;border-radius:1rem;padding:.1rem .6rem;font-size:.85rem}`;

async function pullDiff(forge: Forge, repository: Repository, number: number): Promise<string> {
  const pull = findPull(forge.db, repository, number) as Pull;
  const path = forge.gitPath(repository);
  const tip = pull.merged_at === null ? recordedBranch(forge.db, repository, pull.base_ref)?.sha : null;
  const from = tip ?? pull.base_sha;
  return readDiff(forge.git, path, (await mergeBase(forge.git, path, from, pull.head_sha)) ?? from, pull.head_sha);
}
