import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { profileDir } from "./places.ts";
import { rememberSecret } from "./redaction.ts";

/**
 * `secrets.env` beside control-plane.yaml: KEY=value lines, parsed and never sourced, for the owner's eyes only.
 * Values appear in no message; what is read is remembered for redaction.
 */
export const secretKeys = ["GITHUB_TOKEN"] as const;
export type SecretKey = (typeof secretKeys)[number];
export type Secrets = { readonly [K in SecretKey]?: string };

export const secretsFile = (home: string, id: string) => join(profileDir(home, id), "secrets.env");

/** The profile's secrets; empty when the file is not there. Throws `UserError` when others could read or change it. */
export function loadSecrets(home: string, id: string): Secrets {
  const file = secretsFile(home, id);
  const text = readPrivate(file);
  if (text === null) return {};
  const secrets = parseSecrets(file, text);
  for (const value of Object.values(secrets)) rememberSecret(value);
  return secrets;
}

/** Sets one secret and keeps the others; the file is replaced as a whole, mode 0600. */
export function writeSecret(home: string, id: string, key: SecretKey, value: string): void {
  rememberSecret(value);
  const file = secretsFile(home, id);
  replacePrivate(file, formatSecrets({ ...loadSecrets(home, id), [key]: value }));
}

/** The text of a secrets file. Throws `UserError` for a value that does not fit on one line. */
export function formatSecrets(secrets: Secrets): string {
  const lines = Object.entries(secrets).map(([key, value]) => {
    if (!/^[\x21-\x7e]+$/.test(value) || /^["']/.test(value)) {
      throw new UserError(
        `The value for ${key} is empty or holds spaces, quotes or control characters; give the bare token.`,
      );
    }
    return `${key}=${value}\n`;
  });
  return `# Secrets of this profile, one KEY=value a line. Keep the file private: chmod 600.\n${lines.join("")}`;
}

function parseSecrets(file: string, text: string): Secrets {
  const secrets: { [K in SecretKey]?: string } = {};
  text.split(/\r?\n/).forEach((line, index) => {
    const place = `${file}:${index + 1}`;
    if (line.trim() === "" || line.trimStart().startsWith("#")) return;
    const [, key = "", rest = ""] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (key === "") throw new UserError(`${place}: expected KEY=value. Write each secret on a line of its own.`);
    if (!isSecretKey(key)) {
      throw new UserError(
        `${place}: ${key} is not a secret this product knows. Remove it; known: ${secretKeys.join(", ")}.`,
      );
    }
    if (secrets[key] !== undefined) throw new UserError(`${place}: ${key} stands twice. Keep one of the two.`);
    const value = unquoted(rest.trim());
    if (value === "") throw new UserError(`${place}: ${key} is empty. Give it a value or remove the line.`);
    secrets[key] = value;
  });
  return secrets;
}

const isSecretKey = (key: string): key is SecretKey => (secretKeys as readonly string[]).includes(key);

const unquoted = (value: string) => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;

/** The open file itself is judged, so that nothing can be swapped between the look and the read. */
function readPrivate(file: string): string | null {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    if (code === "ELOOP") throw new UserError(`${file} is a symbolic link. Put the file itself there, with chmod 600.`);
    throw new UserError(`${file} cannot be read: ${message}. Check whose it is, and its permissions.`, {
      cause: error,
    });
  }
  try {
    const { mode, uid } = fstatSync(handle);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new UserError(`${file} is not a regular file.`);
    if (process.geteuid !== undefined && uid !== process.geteuid()) {
      throw new UserError(`${file} belongs to another user (uid ${uid}). Run: chown ${process.geteuid()} '${file}'`);
    }
    if ((mode & 0o777) !== 0o600) {
      const found = (mode & 0o777).toString(8).padStart(4, "0");
      throw new UserError(`${file} has mode ${found}; secrets need 0600. Run: chmod 600 '${file}'`);
    }
    return readFileSync(handle, "utf8");
  } finally {
    closeSync(handle);
  }
}

function replacePrivate(file: string, text: string): void {
  const fresh = join(dirname(file), `.secrets.env.${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const handle = openSync(fresh, "wx", 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
