import { expect, test } from "vitest";
import { redact, rememberSecretLines, secretVariables } from "./redaction.ts";

test("a variable is a secret by its name, by what a backend calls its key, or by its look", () => {
  const env = {
    OPENAI_API_KEY: "sk-test",
    DEPLOY_PAT: "abcdef",
    MY_MODEL: "short-key",
    ANYTHING: "a8f5f167f44f4964e6c998dee827110c",
    JAVA_HOME: "/usr/lib/jvm/java-21-openjdk-amd64",
    PROXY: "http://proxy.example:3128",
    MODE: "production",
    KEYBOARD: "german-layout",
    EMPTY_TOKEN: "",
  };
  const names = [...Object.keys(env), "ABSENT_TOKEN"];
  expect(secretVariables(env, names, ["MY_MODEL"])).toEqual(["OPENAI_API_KEY", "DEPLOY_PAT", "MY_MODEL", "ANYTHING"]);
});

test("a secret of several lines is known line by line", () => {
  rememberSecretLines("first line of a key 123\nshort\nsecond line of a key 456");
  expect(redact("> second line of a key 456\n> short")).toBe("> [secret]\n> short");
});
