import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  listProfileIds,
  loadProfile,
  type Profile,
  profileDir,
  profileOverlaps,
  runtimeHome,
  storePath,
  UserError,
} from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backendSections } from "../support/backend-sections.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "acp-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function install(
  id: string,
  more: { readonly slug?: string; readonly agentRoot?: string; readonly says?: string } = {},
): void {
  mkdirSync(profileDir(home, id), { recursive: true });
  const runtime = more.agentRoot === undefined ? "" : `runtime: { orchestrator_agent_root: ${more.agentRoot} }\n`;
  writeFileSync(
    join(profileDir(home, id), "control-plane.yaml"),
    `id: ${more.says ?? id}\nrepo: { slug: ${more.slug ?? `octo/${id}`} }\nexecution: { coding_worker: codex }\n${runtime}`,
  );
}

const load = (id: string): Profile => loadProfile(home, id, { HOME: home }, backendSections);

function refusal(id: string): UserError {
  try {
    load(id);
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  throw new Error("expected a refusal");
}

describe("the registry", () => {
  it("lies where AGENT_RUNTIME_HOME says, else in the home folder", () => {
    expect(runtimeHome({ HOME: "/home/ann" })).toBe("/home/ann/.agent-runtime");
    expect(runtimeHome({ HOME: "/home/ann", AGENT_RUNTIME_HOME: "/srv/acp" })).toBe("/srv/acp");
    expect(storePath("/srv/acp")).toBe("/srv/acp/state/control-plane.db");
  });

  it("lists folders with a profile file, sorted, and nothing else", () => {
    install("web");
    install("api");
    mkdirSync(join(home, "control-plane/profiles/empty"));
    mkdirSync(join(home, "control-plane/profiles/.web.old-1"));
    expect(listProfileIds(home)).toEqual(["api", "web"]);
    expect(listProfileIds(join(home, "nowhere"))).toEqual([]);
  });

  it.each(["../x", "a/b", "", ".", "..", "Web", "-web", "a".repeat(41), "web\n", "/etc"])(
    "makes no path of the id %j",
    (id) => {
      expect(() => profileDir(home, id)).toThrow(/is not valid/);
    },
  );

  it("says which profiles there are when the asked one is not", () => {
    install("web");
    expect(refusal("shop").exitCode).toBe(66);
    expect(refusal("shop").message).toMatch(/"shop" is not installed.*Installed: web/s);
  });

  it("refuses a file that names another id", () => {
    install("web", { says: "shop" });
    expect(refusal("web").message).toContain('The file says id "shop", its folder says "web"');
    expect(refusal("web").exitCode).toBe(2);
  });
});

describe("profiles side by side", () => {
  it("are fine with folders and repositories of their own", () => {
    install("web");
    install("api");
    expect(profileOverlaps([load("web"), load("api")])).toEqual([]);
  });

  it("are an error with agents' folders in one another, a warning on the same repository", () => {
    install("web", { agentRoot: "/srv/agents" });
    install("api", { agentRoot: "/srv/agents/api", slug: "Octo/Web" });
    const found = profileOverlaps([load("web"), load("api")]);
    expect(found.map(({ severity, profileIds }) => [severity, ...profileIds])).toEqual([
      ["error", "web", "api"],
      ["warning", "web", "api"],
    ]);
  });
});
