import type { Forge } from "../forge.ts";
import type { User } from "../storage/accounts.ts";
import { isoTime, nodeId } from "./shared.ts";

export function viewUser(forge: Forge, user: User) {
  const api = `${forge.apiUrl}/users/${encodeURIComponent(user.login)}`;
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId("User", user.id),
    avatar_url: `${forge.url}/_avatars/${user.id}`,
    gravatar_id: "",
    url: api,
    html_url: `${forge.url}/${encodeURIComponent(user.login)}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.login.endsWith("[bot]") ? "Bot" : "User",
    user_view_type: "public",
    site_admin: user.site_admin === 1,
  };
}

/** The answer of `GET /user`. */
export function viewSelf(forge: Forge, user: User) {
  return {
    ...viewUser(forge, user),
    name: user.login,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: isoTime(user.created_at),
    updated_at: isoTime(user.created_at),
  };
}
