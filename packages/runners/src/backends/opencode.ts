import { opencodeLike } from "./opencode-family.ts";

export const opencodeBackend = opencodeLike({ name: "opencode", prefix: "OPENCODE", env: {}, announcesStart: true });
