/** You can fix it: a bad flag, a bad profile, a missing tool. Printed as one message without a stack; exit code 2. */
export class UserError extends Error {
  override readonly name = "UserError";
}
