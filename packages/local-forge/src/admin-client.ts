import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NewRepository } from "./administration.ts";
import type { ForgeCounters } from "./http/counters.ts";
import type { Fault, FaultMatcher } from "./http/faults.ts";
import type { WantedChecks } from "./set-checks.ts";
import type { TokenScope } from "./storage/accounts.ts";
import type { BranchRules } from "./storage/branch-rules.ts";
import type { Permission } from "./storage/repositories.ts";

/** The administration of a forge that runs in another process. Each call throws an Error with the forge's own words. */
export interface ForgeAdminClient {
  readonly url: string;
  isHealthy(): Promise<boolean>;
  createUser(user: { login: string; siteAdmin?: boolean }): Promise<void>;
  createToken(wanted: { login: string; scopes?: TokenScope }): Promise<string>;
  createRepository(repository: NewRepository): Promise<{ fullName: string; defaultBranch: string }>;
  createFork(wanted: { repository: string; owner: string; name?: string }): Promise<{ fullName: string }>;
  deleteRepository(repository: string): Promise<void>;
  setChecks(wanted: WantedChecks): Promise<{ workflowRunId: number; checkRunIds: Record<string, number> }>;
  protectBranch(repository: string, branch: string, rules: Partial<BranchRules> | null): Promise<void>;
  runMergeQueue(repository: string): Promise<number[]>;
  setPermission(repository: string, login: string, level: Permission): Promise<void>;
  deleteIssue(repository: string, number: number): Promise<void>;
  /** All since the last reset, or what came after `since`, a `sequence` from before. */
  counters(options?: { since?: number }): Promise<ForgeCounters>;
  resetCounters(): Promise<void>;
  addFault(matcher: FaultMatcher, fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
}

/** Speaks to the forge that runs on `dataDir`; null when none said it does. */
export function connectForgeAdmin(dataDir: string): ForgeAdminClient | null {
  try {
    const { url } = JSON.parse(readFileSync(join(dataDir, "forge.json"), "utf8")) as { url: string };
    return createForgeAdminClient(url, readFileSync(join(dataDir, "admin-token"), "utf8").trim());
  } catch {
    return null;
  }
}

export function createForgeAdminClient(url: string, token: string): ForgeAdminClient {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { message?: string };
    if (!response.ok) throw new Error(`${method} /_admin${path} at ${url}: ${answer.message ?? response.status}`);
    return answer;
  };
  return {
    url,
    isHealthy: () => call("GET", "/health").then(yes, no),
    createUser: async (user) => void (await call("POST", "/users", user)),
    createToken: async (wanted) => ((await call("POST", "/tokens", wanted)) as { token: string }).token,
    createRepository: async (repository) =>
      (await call("POST", "/repositories", repository)) as { fullName: string; defaultBranch: string },
    createFork: async (wanted) => (await call("POST", "/forks", wanted)) as { fullName: string },
    deleteRepository: async (repository) => void (await call("POST", "/repositories/delete", { repository })),
    setChecks: async (wanted) =>
      (await call("PUT", "/checks", wanted)) as { workflowRunId: number; checkRunIds: Record<string, number> },
    protectBranch: async (repository, branch, rules) =>
      void (await call("PUT", "/branch-rules", { repository, branch, rules })),
    runMergeQueue: async (repository) =>
      ((await call("POST", "/merge-queue", { repository })) as { merged: number[] }).merged,
    setPermission: async (repository, login, level) =>
      void (await call("PUT", "/permissions", { repository, login, level })),
    deleteIssue: async (repository, number) => void (await call("POST", "/issues/delete", { repository, number })),
    counters: async ({ since } = {}) =>
      (await call("GET", `/counters${since === undefined ? "" : `?since=${since}`}`)) as ForgeCounters,
    resetCounters: async () => void (await call("DELETE", "/counters")),
    addFault: async ({ path, ...rest }, fault) =>
      void (await call("POST", "/faults", { matcher: path ? { ...rest, path: path.source } : rest, fault })),
    clearFaults: async () => void (await call("DELETE", "/faults")),
  };
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}
