/** Where a forge answers GraphQL: beside the REST API on github.com, at `/api/graphql` on GitHub Enterprise. */
export function graphqlUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/api\/v3$/, "/api")}/graphql`;
}

/** We send queries there, never mutations: what goes to this address reads. */
export function isQuery(url: string): boolean {
  return /\/graphql(?:[?#]|$)/.test(url);
}
