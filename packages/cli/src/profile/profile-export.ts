import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { profileDir, redact, secretVariables, UserError } from "@agent-control-plane/core";
import { parseDocument, stringify } from "yaml";

/** One file that holds a profile without its secrets: what stands in its folder, by name. */
export interface ProfileExport {
  readonly acp_profile_export: 1;
  readonly id: string;
  /** What had to stay behind. */
  readonly without: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

const mostBytes = 1024 * 1024;

/**
 * Reads the profile's folder; prompts that are the product's own (`shipped`) are left out. Throws `UserError` when a known
 * secret stands in one of its texts.
 */
export function exportOf(home: string, id: string, shipped: string): ProfileExport {
  const folder = profileDir(home, id);
  const without: string[] = ["secrets.env"];
  const files: Record<string, string> = {};
  for (const name of textsIn(folder, without)) {
    const text = readFileSync(join(folder, name), "utf8");
    if (isShipped(shipped, name, text)) continue;
    const cleared = name === "control-plane.yaml" ? withoutSecretValues(text, without) : text;
    if (redact(cleared) !== cleared) {
      throw new UserError(`${join(folder, name)} holds a secret; nothing was written. Move it into secrets.env.`);
    }
    files[name] = cleared;
  }
  if (files["control-plane.yaml"] === undefined)
    throw new UserError(`${join(folder, "control-plane.yaml")} is no file that can be read; nothing was written.`);
  return { acp_profile_export: 1, id, without, files };
}

export const exportText = (content: ProfileExport): string =>
  `# A profile of agent-control-plane, without its secrets: "acp profile import <this file>" installs it.\n${stringify(content, { lineWidth: 0 })}`;

/** An exported profile, or a bare control-plane.yaml. Throws `UserError` with what is wrong with it. */
export function readExport(text: string, source: string): ProfileExport {
  const document = parseDocument(text, { logLevel: "error" });
  if (document.errors.length === 0 && document.has("acp_profile_export")) {
    const read = document.toJS({ maxAliasCount: 0 });
    if (!isExport(read)) {
      throw new UserError(
        `${source} is not an exported profile: expected id, without and files, as "acp profile export" writes them.`,
      );
    }
    const odd = Object.keys(read.files).find((name) => !isName(name));
    if (odd !== undefined) {
      throw new UserError(`${source} wants to write ${JSON.stringify(odd)}, which is no file of a profile.`);
    }
    if (read.files["control-plane.yaml"] === undefined) throw new UserError(`${source} holds no control-plane.yaml.`);
    return read;
  }
  const id = document.errors.length === 0 ? document.get("id") : null;
  return {
    ...{ acp_profile_export: 1, id: typeof id === "string" ? id : "", without: [] },
    files: { "control-plane.yaml": text },
  };
}

function isExport(read: unknown): read is ProfileExport {
  const { acp_profile_export: version, id, without, files } = read as Record<string, unknown>;
  const isTexts = (value: unknown) =>
    typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");
  return version === 1 && typeof id === "string" && Array.isArray(without) && isTexts(without) && isTexts(files);
}

/** Texts of a person's, at the top or in templates/. Links and large files are named as left behind. */
function textsIn(folder: string, without: string[]): readonly string[] {
  const below = lstatSync(join(folder, "templates"), { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(join(folder, "templates")).map((name) => `templates/${name}`)
    : [];
  return [...readdirSync(folder).filter((name) => name !== "templates"), ...below].sort().filter((name) => {
    if (leftBehind.has(name)) return false;
    const stat = lstatSync(join(folder, name));
    const isTaken = stat.isFile() && stat.size <= mostBytes && isName(name) && !name.includes(".new-");
    if (!isTaken) without.push(name);
    return isTaken;
  });
}

const isShipped = (shipped: string, name: string, text: string): boolean => {
  const ours = join(shipped, basename(name));
  return name.startsWith("templates/") && existsSync(ours) && readFileSync(ours, "utf8") === text;
};

const leftBehind = new Set(["secrets.env", "control-plane.yaml.edited"]);

const isName = (name: string): boolean =>
  /^(templates\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !leftBehind.has(name);

/** Variables for agents that are secrets by their name or look. What the file says else, its comments included, stays. */
function withoutSecretValues(text: string, without: string[]): string {
  const document = parseDocument(text, { logLevel: "error" });
  if (document.errors.length > 0) return text;
  const path = ["execution", "env", "set"];
  const set = (document.toJS() as { execution?: { env?: { set?: Record<string, string> } } } | null)?.execution?.env
    ?.set;
  const found = secretVariables(set ?? {}, Object.keys(set ?? {}), []);
  if (found.length === 0) return text;
  for (const name of found) {
    document.deleteIn([...path, name]);
    without.push(`${path.join(".")}.${name}`);
  }
  return document.toString({ lineWidth: 0 });
}
