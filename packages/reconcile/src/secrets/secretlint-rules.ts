// By itself, so that one import brings all of it, and only when it is wanted.
export { lintSource } from "@secretlint/core";
export { creator as rule } from "@secretlint/secretlint-rule-preset-recommend";
