/**
 * The part of GitHub's GraphQL schema that says what its REST API does not: who changed a text, and draft or not,
 * and merging later. Names
 * and meanings are GitHub's.
 */
export const schemaText = `
scalar DateTime
scalar GitObjectID

type Query {
  viewer: User!
  rateLimit: RateLimit
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
}

type Mutation {
  markPullRequestReadyForReview(input: MarkPullRequestReadyForReviewInput!): MarkPullRequestReadyForReviewPayload
  convertPullRequestToDraft(input: ConvertPullRequestToDraftInput!): ConvertPullRequestToDraftPayload
  enablePullRequestAutoMerge(input: EnablePullRequestAutoMergeInput!): EnablePullRequestAutoMergePayload
  enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload
  dequeuePullRequest(input: DequeuePullRequestInput!): DequeuePullRequestPayload
}

type RateLimit {
  cost: Int!
  limit: Int!
  remaining: Int!
  resetAt: DateTime!
  used: Int!
}

interface Actor { login: String! }
type User implements Actor { login: String! databaseId: Int }
type Bot implements Actor { login: String! databaseId: Int }

type Repository {
  id: ID!
  databaseId: Int
  name: String!
  nameWithOwner: String!
  issue(number: Int!): Issue
  pullRequest(number: Int!): PullRequest
  issueOrPullRequest(number: Int!): IssueOrPullRequest
}

union IssueOrPullRequest = Issue | PullRequest

enum IssueState { OPEN CLOSED }
enum IssueStateReason { COMPLETED NOT_PLANNED DUPLICATE REOPENED }
enum PullRequestState { OPEN CLOSED MERGED }
enum PullRequestMergeMethod { MERGE REBASE SQUASH }

type AutoMergeRequest { enabledAt: DateTime mergeMethod: PullRequestMergeMethod! }
type MergeQueueEntry { id: ID! position: Int! enqueuedAt: DateTime! enqueuer: Actor! }

interface Comment {
  author: Actor
  body: String!
  createdAt: DateTime!
  editor: Actor
  includesCreatedEdit: Boolean!
  lastEditedAt: DateTime
  userContentEdits(first: Int, last: Int): UserContentEditConnection
}

type Issue implements Comment {
  id: ID!
  databaseId: Int
  number: Int!
  title: String!
  state: IssueState!
  stateReason: IssueStateReason
  author: Actor
  body: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  editor: Actor
  includesCreatedEdit: Boolean!
  lastEditedAt: DateTime
  userContentEdits(first: Int, last: Int): UserContentEditConnection
  comments(first: Int, last: Int): IssueCommentConnection!
}

type PullRequest implements Comment {
  id: ID!
  databaseId: Int
  number: Int!
  title: String!
  state: PullRequestState!
  isDraft: Boolean!
  headRefName: String!
  headRefOid: String!
  isCrossRepository: Boolean!
  isMergeQueueEnabled: Boolean!
  isInMergeQueue: Boolean!
  mergeQueueEntry: MergeQueueEntry
  autoMergeRequest: AutoMergeRequest
  author: Actor
  body: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  editor: Actor
  includesCreatedEdit: Boolean!
  lastEditedAt: DateTime
  userContentEdits(first: Int, last: Int): UserContentEditConnection
  comments(first: Int, last: Int): IssueCommentConnection!
}

type IssueComment implements Comment {
  id: ID!
  databaseId: Int
  author: Actor
  body: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  editor: Actor
  includesCreatedEdit: Boolean!
  lastEditedAt: DateTime
  userContentEdits(first: Int, last: Int): UserContentEditConnection
}

type IssueCommentConnection { totalCount: Int! nodes: [IssueComment] }
type UserContentEditConnection { totalCount: Int! nodes: [UserContentEdit] }
type UserContentEdit { createdAt: DateTime! editedAt: DateTime! editor: Actor }

input MarkPullRequestReadyForReviewInput { pullRequestId: ID! clientMutationId: String }
type MarkPullRequestReadyForReviewPayload { pullRequest: PullRequest clientMutationId: String }
input ConvertPullRequestToDraftInput { pullRequestId: ID! clientMutationId: String }
type ConvertPullRequestToDraftPayload { pullRequest: PullRequest clientMutationId: String }
input EnablePullRequestAutoMergeInput {
  pullRequestId: ID!
  mergeMethod: PullRequestMergeMethod = MERGE
  commitHeadline: String
  commitBody: String
  expectedHeadOid: GitObjectID
  clientMutationId: String
}
type EnablePullRequestAutoMergePayload { pullRequest: PullRequest clientMutationId: String }
input EnqueuePullRequestInput {
  pullRequestId: ID!
  jump: Boolean
  expectedHeadOid: GitObjectID
  clientMutationId: String
}
type EnqueuePullRequestPayload { mergeQueueEntry: MergeQueueEntry clientMutationId: String }
input DequeuePullRequestInput { id: ID! clientMutationId: String }
type DequeuePullRequestPayload { mergeQueueEntry: MergeQueueEntry clientMutationId: String }
`;
