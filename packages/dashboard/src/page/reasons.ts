import { type HoldReason, holdReasons, holdText, unblockedBy } from "@agent-control-plane/core/for-pages";

/** Pure. Why something waits, in words; a code that this version does not know is shown as it is. */
export const reasonText = (code: string): string =>
  isKnown(code) ? holdText(code) : code === "starting" ? "it starts now" : code.replaceAll("-", " ");

/** Pure. What would let it go on; null: not known. */
export const goesOnWhen = (code: string): string | null => (isKnown(code) ? unblockedBy(code) : null);

const isKnown = (code: string): code is HoldReason => Object.hasOwn(holdReasons, code);
