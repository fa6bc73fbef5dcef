import {
  buildSchema,
  type DocumentNode,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import type { Forge } from "../forge.ts";
import { type RateLimit, rateResetAt } from "../http/rate-limit.ts";
import type { Viewer } from "../storage/accounts.ts";
import { findRepository, permissionOf, reaches } from "../storage/repositories.ts";
import { changeDraft } from "./change-draft.ts";
import { dequeuePull, enableAutoMerge, enqueuePull } from "./merge-later.ts";
import { queryFailure } from "./query-failure.ts";
import { resolveRepository } from "./repository.ts";
import { schemaText } from "./schema-text.ts";
import { resolveActor } from "./texts.ts";

export interface QueryAnswer {
  readonly body: unknown;
  readonly isMutation: boolean;
}

/** Answers a GraphQL request as GitHub does: what is wrong with it stands in `errors`, never in the status. */
export async function answerQuery(forge: Forge, rate: RateLimit, viewer: Viewer, asked: unknown): Promise<QueryAnswer> {
  const { query, variables, operationName } = (asked ?? {}) as Record<string, unknown>;
  if (typeof query !== "string") {
    return refuse([new GraphQLError("A query attribute must be specified and must be a string.")]);
  }
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    return refuse([error as GraphQLError]);
  }
  schema ??= buildSchema(schemaText);
  const errors = validate(schema, document);
  if (errors.length > 0) return refuse(errors);
  const result = await execute({
    schema,
    document,
    rootValue: resolveRoot(forge, rate, viewer),
    variableValues: (variables ?? {}) as Record<string, unknown>,
    ...(typeof operationName === "string" ? { operationName } : {}),
  });
  return { body: shown(forge, result as FormattedExecutionResult), isMutation: hasMutation(document) };
}

/** GitHub's answer past the limit. */
export function rateLimited(viewer: Viewer) {
  return { errors: [{ type: "RATE_LIMITED", message: `API rate limit exceeded for user ID ${viewer.user.id}.` }] };
}

/** Building it takes some milliseconds: not before the first question. */
let schema: GraphQLSchema | undefined;

function resolveRoot(forge: Forge, rate: RateLimit, viewer: Viewer) {
  return {
    viewer: resolveActor(viewer.user),
    rateLimit: () => {
      const state = rate.state(String(viewer.tokenId), "graphql");
      return { cost: 1, ...state, resetAt: rateResetAt(state) };
    },
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = findRepository(forge.db, owner, name);
      if (!repository || !reaches(permissionOf(forge.db, repository, viewer.user), "read")) {
        throw queryFailure("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      }
      return resolveRepository(forge, repository);
    },
    markPullRequestReadyForReview: ({ input }: { input: { pullRequestId: string } }) =>
      changeDraft(forge, viewer, input, false),
    convertPullRequestToDraft: ({ input }: { input: { pullRequestId: string } }) =>
      changeDraft(forge, viewer, input, true),
    enablePullRequestAutoMerge: ({ input }: { input: Parameters<typeof enableAutoMerge>[2] }) =>
      enableAutoMerge(forge, viewer, input),
    enqueuePullRequest: ({ input }: { input: Parameters<typeof enqueuePull>[2] }) => enqueuePull(forge, viewer, input),
    dequeuePullRequest: ({ input }: { input: Parameters<typeof dequeuePull>[2] }) => dequeuePull(forge, viewer, input),
  };
}

function refuse(errors: readonly GraphQLError[]): QueryAnswer {
  return { body: { errors: errors.map(shownError) }, isMutation: false };
}

function shown(forge: Forge, result: { data?: unknown; errors?: readonly unknown[] }) {
  const errors = (result.errors ?? []) as readonly GraphQLError[];
  for (const { originalError } of errors) {
    if (originalError && !(originalError instanceof GraphQLError)) forge.log(`graphql failed: ${originalError.stack}`);
  }
  return { data: result.data ?? null, ...(errors.length > 0 ? { errors: errors.map(shownError) } : {}) };
}

/** GitHub puts the kind of a failure beside its message, not under `extensions`. */
function shownError({ message, path, locations, extensions }: GraphQLError) {
  return {
    ...(extensions.type === undefined ? {} : { type: extensions.type }),
    ...(path ? { path } : {}),
    ...(locations ? { locations } : {}),
    message,
  };
}

function hasMutation(document: DocumentNode): boolean {
  return document.definitions.some((one) => one.kind === "OperationDefinition" && one.operation === "mutation");
}
