// What a page in a browser takes of core: pure, and without anything of Node behind it.
export { type HoldReason, holdReasons, holdText, unblockedBy } from "./domain/hold-reason.ts";
export { visibleText } from "./domain/visible-text.ts";
