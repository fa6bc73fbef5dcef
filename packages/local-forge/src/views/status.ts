import type { Forge } from "../forge.ts";
import { userById } from "../storage/accounts.ts";
import type { Repository } from "../storage/repositories.ts";
import { combinedState, type Status } from "../storage/statuses.ts";
import { repositoryApi, viewMinimalRepository } from "./repository.ts";
import { isoTime, nodeId } from "./shared.ts";
import { viewUser } from "./user.ts";

export function viewStatus(forge: Forge, repository: Repository, status: Status) {
  const creator = viewUser(forge, userById(forge.db, status.creator_id));
  return { ...viewSimpleStatus(forge, repository, status), creator };
}

function viewSimpleStatus(forge: Forge, repository: Repository, status: Status) {
  return {
    url: `${repositoryApi(forge, repository)}/statuses/${status.sha}`,
    avatar_url: `${forge.url}/_avatars/${status.creator_id}`,
    id: status.id,
    node_id: nodeId("StatusContext", status.id),
    state: status.state,
    description: status.description,
    target_url: status.target_url,
    context: status.context,
    created_at: isoTime(status.created_at),
    updated_at: isoTime(status.created_at),
  };
}

export function viewCombinedStatus(forge: Forge, repository: Repository, sha: string, statuses: readonly Status[]) {
  const api = repositoryApi(forge, repository);
  return {
    state: combinedState(statuses),
    statuses: statuses.map((status) => viewSimpleStatus(forge, repository, status)),
    sha,
    total_count: statuses.length,
    repository: viewMinimalRepository(forge, repository),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  };
}
