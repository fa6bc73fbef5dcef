import { opencodeLike } from "./opencode-family.ts";

export const opencodeBackend = opencodeLike({
  name: "opencode",
  testedVersion: "1.18.33",
  prefix: "OPENCODE",
  env: {},
  announcesStart: true,
});
