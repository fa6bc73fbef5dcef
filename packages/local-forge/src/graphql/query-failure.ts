import { GraphQLError } from "graphql";

/** A field GitHub does not answer, with the `type` it gives beside the message. */
export function queryFailure(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}
