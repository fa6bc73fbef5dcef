import type { Forge } from "../forge.ts";
import type { ChangedFile, Commit } from "../git/reading.ts";
import type { Repository } from "../storage/repositories.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";
import { nodeId, part } from "./shared.ts";

export function viewCommit(forge: Forge, repository: Repository, commit: Commit) {
  const api = repositoryApi(forge, repository);
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${repositoryPage(forge, repository)}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${repositoryPage(forge, repository)}/commit/${sha}`,
    })),
  };
}

export function viewChangedFile(forge: Forge, repository: Repository, commit: string, file: ChangedFile) {
  const path = file.filename.split("/").map(part).join("/");
  return {
    sha: file.sha,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repositoryPage(forge, repository)}/blob/${commit}/${path}`,
    raw_url: `${repositoryPage(forge, repository)}/raw/${commit}/${path}`,
    contents_url: `${repositoryApi(forge, repository)}/contents/${path}?ref=${commit}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousFilename === null ? {} : { previous_filename: file.previousFilename }),
  };
}
