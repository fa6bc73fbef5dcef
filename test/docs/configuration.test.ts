import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  defaultHostLimits,
  type EffectiveValue,
  hostSchemaOf,
  parseHostLimits,
  parseProfile,
  profileSchemaOf,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { expect, it } from "vitest";
import { Document, parse } from "yaml";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/configuration.md"), "utf8");

/** Key, default and meaning of each row of the table of keys. */
const rows = rowsOf("control-plane.yaml");

function rowsOf(heading: string) {
  const cells = /^\| `([a-z0-9_.]+)` *\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm;
  return [...sectionOf(heading).matchAll(cells)].map(([, key = "", , initial = ""]) => ({
    key,
    initial: initial.trim(),
  }));
}

function sectionOf(heading: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
}

/** Defaults that are too long for the table. */
const lists: unknown = parse(/```\n([\s\S]*?)```/.exec(sectionOf("Default lists"))?.[1] ?? "");

const valueAt = (from: unknown, key: string): unknown =>
  key.split(".").reduce((at, part) => (at as Record<string, unknown>)[part], from);

const least = 'id: web\nrepo: { slug: o/n }\nexecution: { shell: { command: "true" } }\n';

function effective(): readonly EffectiveValue[] {
  const parsed = parseProfile({
    text: least,
    file: "/p/control-plane.yaml",
    env: { HOME: "/h" },
    runtimeHome: "/r",
    backends,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.effective;
}

/** The schema's own default; null stands for "derived" or for none. */
function defaultOf(key: string): unknown {
  return valueAt(profileSchemaOf(backends).parse({ id: "web", repo: { slug: "o/n" } }), key);
}

it("names every key of the schema once, in its order, and no other", () => {
  expect(rows.map((row) => row.key)).toEqual(effective().map((value) => value.path));
});

it("names the default that is in force", () => {
  for (const { key, initial } of rows) {
    const real = defaultOf(key);
    if (initial === "required") expect(["id", "repo.slug"]).toContain(key);
    else if (initial.startsWith("derived: ")) expect(real, key).toBeNull();
    else if (initial === "[below](#default-lists)") expect(valueAt(lists, key), key).toEqual(real);
    else expect(JSON.parse(initial.replaceAll("`", "")), key).toEqual(real);
  }
});

it("names every variable that replaces a key", () => {
  const source = readFileSync(join(root, "packages/core/src/profile/env-overrides.ts"), "utf8");
  const names = [...source.matchAll(/name: "(ACP_[A-Z_]+)", path: \[([^\]]+)\]/g)];
  expect(names.length).toBeGreaterThan(5);
  for (const [, name, path = ""] of names) {
    const key = JSON.parse(`[${path}]`).join(".");
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| replaces \`${key}\``, "m"));
  }
});

/** An empty object is a key of its own. */
function leaves(value: object): number {
  const parts = Object.values(value).map((each) => (typeof each === "object" && each !== null ? leaves(each) || 1 : 1));
  return parts.reduce((sum, count) => sum + count, 0);
}

it("names every key of host.yaml once, with the default that is in force", () => {
  const table = rowsOf("host.yaml");
  const document = new Document({});
  for (const { key, initial } of table) document.setIn(key.split("."), parse(initial.replaceAll("`", "")));
  expect(table).toHaveLength(leaves(hostSchemaOf(backends).parse({})));
  const text = document.toString();
  expect(parseHostLimits({ text, file: "/r/host.yaml", backends })).toEqual({ ok: true, limits: defaultHostLimits });
});

it("names in the template for new profiles only keys there are, the commented ones included", () => {
  const template = readFileSync(join(root, "profiles-template/control-plane.yaml"), "utf8");
  const given: Record<string, string> = { id: "web", repo_slug: "o/n", forge: "github", coding_worker: "shell" };
  const filled = template
    .replaceAll(/"\{\{(\w+)\}\}"/g, (_, name: string) => (name === "shell_command" ? '"true"' : (given[name] ?? "")))
    .replaceAll(/^( *)# ( *[a-z_]+:(?: [^ ].*)?)$/gm, "$1$2");
  expect(filled).toContain("\n  risk: { system_breaking");
  const parsed = parseProfile({
    text: filled,
    file: "/p/control-plane.yaml",
    env: { HOME: "/h" },
    runtimeHome: "/r",
    backends,
  });
  expect(parsed).toMatchObject({
    ok: true,
    profile: { pullRequests: { risk: { systemBreaking: ["**/migrations/**", "**/*.sql"] } } },
  });
});
