import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { answerQuery } from "../graphql/answer-query.ts";
import { type ApiEnv, viewerOf } from "../http/call.ts";
import type { RateLimit } from "../http/rate-limit.ts";

export function graphqlRoute(routes: Hono<ApiEnv>, path: string, forge: Forge, rate: RateLimit): void {
  routes.post(path, async (c) => {
    const { body, isMutation } = await answerQuery(forge, rate, viewerOf(c), c.env.call.body);
    c.env.call.isMutation = isMutation;
    return c.json(body);
  });
}
