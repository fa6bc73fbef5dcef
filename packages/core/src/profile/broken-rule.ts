/** A rule that is broken, named by the YAML path of the value to change. */
export interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string;
}
