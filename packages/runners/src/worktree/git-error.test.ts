import { expect, test } from "vitest";
import { classifyGitFailure, redactSecrets } from "./git-error.ts";

test.each([
  ["fatal: Authentication failed for 'https://h/x.git/'", "auth"],
  ["fatal: could not read Username for 'https://h': terminal prompts disabled", "auth"],
  ["fatal: unable to access 'https://h/x/': The requested URL returned error: 403", "auth"],
  ["fatal: repository 'https://h/x.git/' not found", "not-found"],
  ["fatal: couldn't find remote ref refs/heads/x", "not-found"],
  ["fatal: unable to access 'https://h/x/': The requested URL returned error: 301", "not-found"],
  ["fatal: unable to access 'https://h/x/': The requested URL returned error: 502", "unreachable"],
  ["fatal: unable to access 'https://h/': Could not resolve host: h", "unreachable"],
  ["error: RPC failed; curl 52 Empty reply from server\nsend-pack: unexpected disconnect", "unreachable"],
  ["! [rejected] a -> b (stale info)", "non-fast-forward"],
  ["error: unable to write file x: No space left on device", "disk-full"],
  ["fatal: write error: Disk quota exceeded", "disk-full"],
  ["fatal: bad object", "other"],
])("%j is %s", (stderr, reason) => expect(classifyGitFailure(stderr)).toBe(reason));

test("what a server says about itself does not decide", () => {
  expect(classifyGitFailure("remote: No space left on device\nfatal: bad object")).toBe("other");
});

test("neither a given secret nor credentials in a URL stay in a message", () => {
  const text = redactSecrets("fetch https://u:p@host/x with tok and tok", ["tok", ""]);
  expect(text).toBe("fetch https://***@host/x with *** and ***");
});
