import type { BackendSettings } from "@agent-control-plane/core";
import * as z from "zod";
import { asObject } from "./json-line.ts";
import { variableName } from "./key-by-name.ts";

const server = z.strictObject({
  command: z.string().trim().min(1),
  args: z.array(z.string()).max(100).default([]),
  env: z.array(z.string().regex(variableName)).max(100).default([]),
});

/** `execution.<backend>.tool_servers`: those that a person wants; `env` names variables of the session, so no secret stands here. */
export const toolServersKey = z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/), server).default({});

export interface ToolServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
}

/** Pure. Of a section with that key. */
export function toolServersOf({ tool_servers: wanted }: BackendSettings): readonly ToolServer[] {
  return Object.entries(asObject(wanted) ?? {}).map(([name, each]) => ({ name, ...server.parse(each) }));
}
