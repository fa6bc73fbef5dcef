import { readFileSync, statSync } from "node:fs";
import { rememberSecret, UserError } from "@agent-control-plane/core";

/** The token by which programs look, of a file that nobody else reads. Throws `UserError` (66, or 1 when others may read it). */
export function readBearerFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile())
    throw new UserError(`--bearer-file ${path} is no file. Write a random token there.`, { exitCode: 66 });
  if ((stat.mode & 0o077) !== 0)
    throw new UserError(`--bearer-file ${path} can be read by others. chmod 600 ${path}`, { exitCode: 1 });
  const token = readFileSync(path, "utf8").trim();
  if (!/^[\x21-\x7e]{20,500}$/.test(token))
    throw new UserError(
      `--bearer-file ${path} holds no token of 20 to 500 letters on one line. For example: openssl rand -base64 32`,
      { exitCode: 64 },
    );
  rememberSecret(token);
  return token;
}
