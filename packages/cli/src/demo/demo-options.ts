export interface DemoOptions {
  readonly repo?: string;
  /** A backend's name. */
  readonly backend: string;
  /** The backend's real program asks a model of ours that knows the answers. */
  readonly scriptedModel?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}
