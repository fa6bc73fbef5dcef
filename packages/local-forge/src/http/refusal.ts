/** A request the forge says no to, in GitHub's words. Thrown by routes and turned into the answer in one place. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly unknown[] | undefined;

  constructor(status: number, message: string, errors?: readonly unknown[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }

  body() {
    return {
      message: this.message,
      ...(this.errors ? { errors: this.errors } : {}),
      documentation_url: "https://docs.github.com/rest",
      status: String(this.status),
    };
  }
}

export interface InvalidField {
  readonly resource: string;
  readonly field?: string;
  readonly code: "missing" | "missing_field" | "invalid" | "already_exists" | "custom" | "unprocessable";
  readonly message?: string;
}

export function invalid(...errors: readonly InvalidField[]): Refusal {
  return new Refusal(422, "Validation Failed", errors);
}

export function notFound(): Refusal {
  return new Refusal(404, "Not Found");
}
