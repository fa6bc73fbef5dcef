import { UserError } from "@agent-control-plane/core";

/** One token from stdin, so that it never stands in a command line. Throws `UserError` when there is none. */
export async function readToken(stdin: NodeJS.ReadStream): Promise<string> {
  if (stdin.isTTY === true) {
    throw new UserError(
      "--token-stdin reads a pipe, and stdin is a terminal. For example: gh auth token | acp init ... --token-stdin",
    );
  }
  let text = "";
  for await (const chunk of stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 10_000) throw new UserError("What came on stdin is too long for a token. Pipe the bare token.");
  }
  const token = text.trim();
  if (token === "") throw new UserError("No token came on stdin. Pipe the bare token, for example from: gh auth token");
  return token;
}
