import { resolve } from "node:path";
import { runtimeHome } from "@agent-control-plane/core";
import type * as api from "@agent-control-plane/core/flows-api";
import { actingPerson } from "../../acting-person.ts";

export interface Place {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly by: string;
}

export function placeOf({ home, env = process.env, by }: api.FlowsAt = {}): Place {
  return { home: resolve(home ?? runtimeHome(env)), env, by: by ?? actingPerson(env) };
}
