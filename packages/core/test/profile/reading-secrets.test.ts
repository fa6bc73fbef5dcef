import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSecrets, redact, secretsFile, UserError, writeSecret } from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "acp-secrets-"));
  file = secretsFile(home, "web");
  mkdirSync(dirname(file), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(text: string, mode = 0o600) {
  writeFileSync(file, text);
  chmodSync(file, mode);
}

function refusal(): string {
  try {
    loadSecrets(home, "web");
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error("expected a refusal");
}

describe("secrets.env", () => {
  it("may be missing", () => expect(loadSecrets(home, "web")).toEqual({}));

  it("is parsed and never run", () => {
    const mark = join(home, "ran");
    write(`# mine\n\nGITHUB_TOKEN=$(touch ${mark})\n`);
    expect(loadSecrets(home, "web")).toEqual({ GITHUB_TOKEN: `$(touch ${mark})` });
    expect(readdirSync(home)).not.toContain("ran");
  });

  it.each(["pa ss word", "$(id)", "`id`", "a;b&c|d>e", "$HOME", "x\\y", "a'b\"c"])(
    "takes the value %j as it stands, with or without quotes around it",
    (value) => {
      for (const written of [value, `"${value}"`, `'${value}'`]) {
        write(`GITHUB_TOKEN=${written}\n`);
        expect(loadSecrets(home, "web")).toEqual({ GITHUB_TOKEN: value });
      }
    },
  );

  it("may hold quoted values and Windows line ends", () => {
    write('GITHUB_TOKEN="tok-quoted"\r\n');
    expect(loadSecrets(home, "web")).toEqual({ GITHUB_TOKEN: "tok-quoted" });
  });

  it.each([0o644, 0o640, 0o666, 0o400, 0o700])("is refused with mode %o, with the command that helps", (mode) => {
    write("GITHUB_TOKEN=tok-open-to-all\n", mode);
    expect(refusal()).toContain(`chmod 600 '${file}'`);
    expect(refusal()).not.toContain("tok-open-to-all");
  });

  it("is refused when it is a link, even to a private file", () => {
    const elsewhere = join(home, "elsewhere");
    writeFileSync(elsewhere, "GITHUB_TOKEN=x\n", { mode: 0o600 });
    symlinkSync(elsewhere, file);
    expect(refusal()).toContain("symbolic link");
  });

  it.each([
    ["no key", "tok-alone-on-line\n", ":1: expected KEY=value"],
    ["an unknown key", "GITHUB_TOKEN=a\nNPM_TOKEN=tok-alone-on-line\n", ":2: NPM_TOKEN is not a secret"],
    ["an empty value", "GITHUB_TOKEN=\n", ":1: GITHUB_TOKEN is empty"],
    ["a doubled key", "GITHUB_TOKEN=tok-alone-on-line\nGITHUB_TOKEN=b\n", ":2: GITHUB_TOKEN stands twice"],
  ])("names the line of %s and never its value", (_name, text, expected) => {
    write(text);
    expect(refusal()).toContain(expected);
    expect(refusal()).not.toContain("tok-alone-on-line");
  });

  it("is written with mode 0600, and replaced as a whole", () => {
    writeSecret(home, "web", "GITHUB_TOKEN", "tok-first");
    writeSecret(home, "web", "GITHUB_TOKEN", "tok-second");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadSecrets(home, "web")).toEqual({ GITHUB_TOKEN: "tok-second" });
    expect(readdirSync(dirname(file))).toEqual(["secrets.env"]);
  });

  it("stays as it was when the new value does not fit on a line", () => {
    writeSecret(home, "web", "GITHUB_TOKEN", "tok-before");
    const before = readFileSync(file, "utf8");
    expect(() => writeSecret(home, "web", "GITHUB_TOKEN", "tok\nOTHER=1")).toThrow(UserError);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("makes its values disappear from texts, also in the encodings they travel in", () => {
    write("GITHUB_TOKEN=tok-to-be-hidden+\n");
    loadSecrets(home, "web");
    const basic = Buffer.from("x-access-token:tok-to-be-hidden+").toString("base64");
    const text = redact(`a tok-to-be-hidden+ b ${encodeURIComponent("tok-to-be-hidden+")} c ${basic}`);
    expect(text).toBe("a [secret] b [secret] c [secret]");
  });
});
