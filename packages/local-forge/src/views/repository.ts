import type { Forge } from "../forge.ts";
import { userById } from "../storage/accounts.ts";
import { countOpenIssues } from "../storage/issues.ts";
import { type Permission, type Repository, reaches } from "../storage/repositories.ts";
import { isoTime, nodeId } from "./shared.ts";
import { viewUser } from "./user.ts";

export function repositoryApi(forge: Forge, repository: Repository): string {
  return `${forge.apiUrl}/repos/${repository.owner}/${repository.name}`;
}

export function repositoryPage(forge: Forge, repository: Repository): string {
  return `${forge.url}/${repository.owner}/${repository.name}`;
}

export function viewMinimalRepository(forge: Forge, repository: Repository) {
  const api = repositoryApi(forge, repository);
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: `${repository.owner}/${repository.name}`,
    private: true,
    owner: viewUser(forge, userById(forge.db, repository.owner_id)),
    html_url: repositoryPage(forge, repository),
    description: null,
    fork: repository.parent_id !== null,
    url: api,
    ...Object.fromEntries(addresses.map(([key, end]) => [key, `${api}${end}`])),
  };
}

/** The repository as it stands in a pull request's head and base, and in `GET /repos/{owner}/{repo}`. */
export function viewRepository(forge: Forge, repository: Repository, permission: Permission) {
  const page = repositoryPage(forge, repository);
  const open = countOpenIssues(forge.db, repository);
  return {
    ...viewMinimalRepository(forge, repository),
    created_at: isoTime(repository.created_at),
    updated_at: isoTime(repository.updated_at),
    pushed_at: isoTime(repository.pushed_at),
    git_url: `${page}.git`,
    ssh_url: `${page}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: repository.has_issues === 1,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: "private",
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.default_branch,
    permissions: {
      admin: permission === "admin",
      maintain: reaches(permission, "maintain"),
      push: reaches(permission, "write"),
      triage: reaches(permission, "triage"),
      pull: reaches(permission, "read"),
    },
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    network_count: 0,
    subscribers_count: 0,
  };
}

const addresses = [
  ["forks_url", "/forks"],
  ["keys_url", "/keys{/key_id}"],
  ["collaborators_url", "/collaborators{/collaborator}"],
  ["teams_url", "/teams"],
  ["hooks_url", "/hooks"],
  ["issue_events_url", "/issues/events{/number}"],
  ["events_url", "/events"],
  ["assignees_url", "/assignees{/user}"],
  ["branches_url", "/branches{/branch}"],
  ["tags_url", "/tags"],
  ["blobs_url", "/git/blobs{/sha}"],
  ["git_tags_url", "/git/tags{/sha}"],
  ["git_refs_url", "/git/refs{/sha}"],
  ["trees_url", "/git/trees{/sha}"],
  ["statuses_url", "/statuses/{sha}"],
  ["languages_url", "/languages"],
  ["stargazers_url", "/stargazers"],
  ["contributors_url", "/contributors"],
  ["subscribers_url", "/subscribers"],
  ["subscription_url", "/subscription"],
  ["commits_url", "/commits{/sha}"],
  ["git_commits_url", "/git/commits{/sha}"],
  ["comments_url", "/comments{/number}"],
  ["issue_comment_url", "/issues/comments{/number}"],
  ["contents_url", "/contents/{+path}"],
  ["compare_url", "/compare/{base}...{head}"],
  ["merges_url", "/merges"],
  ["archive_url", "/{archive_format}{/ref}"],
  ["downloads_url", "/downloads"],
  ["issues_url", "/issues{/number}"],
  ["pulls_url", "/pulls{/number}"],
  ["milestones_url", "/milestones{/number}"],
  ["notifications_url", "/notifications{?since,all,participating}"],
  ["labels_url", "/labels{/name}"],
  ["releases_url", "/releases{/id}"],
  ["deployments_url", "/deployments"],
] as const;
