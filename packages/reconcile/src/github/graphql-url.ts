/** Where a forge answers GraphQL: beside the REST API on github.com, at `/api/graphql` on GitHub Enterprise. */
export function graphqlUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/api\/v3$/, "/api")}/graphql`;
}

/** What goes to this address is charged to the budget of queries; most of it reads. */
export function isQuery(url: string): boolean {
  return /\/graphql(?:[?#]|$)/.test(url);
}

/** Whether the text sent there changes something. */
export function isMutation(query: unknown): boolean {
  return typeof query === "string" && /^\s*mutation\b/.test(query);
}

/** The same of a whole request body as it is sent. */
export function holdsMutation(body: unknown): boolean {
  return typeof body === "string" && /"query":\s*"\s*mutation\b/.test(body);
}
