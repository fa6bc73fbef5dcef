export interface DemoOptions {
  readonly repo?: string;
  readonly backend: "shell" | "claude" | "codex";
  readonly keep?: boolean;
  readonly json?: boolean;
}
