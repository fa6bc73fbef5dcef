// `agent-control-plane/flows`: what packages/core/src/flows-api.ts declares, for programs.
import type * as api from "@agent-control-plane/core/flows-api";
import * as library from "../flow/library/index.ts";

// Whatever is declared is there, and as it is declared.
library satisfies Omit<typeof api, never>;

export * from "../flow/library/index.ts";
