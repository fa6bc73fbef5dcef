import { type ContractChecker, createContractChecker } from "./contract-checker.ts";

/** What a forge tells of each request; `Exchange` of local-forge fits. */
export interface RecordedExchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseBody: unknown;
}

/**
 * Give `onExchange` to `startLocalForge`, and at the end of a test expect `problems()` to be empty.
 * `exceptRefused` passes over requests that were answered with 4xx, for tests that send bad ones on purpose.
 */
export function recordExchanges(options: { exceptRefused?: boolean; checker?: ContractChecker } = {}) {
  const checker = options.checker ?? sharedChecker();
  const exchanges: RecordedExchange[] = [];
  const problemsOf = (exchange: RecordedExchange): string[] => {
    const { method, path, query, requestBody, status, responseBody } = exchange;
    const checksRequest = options.exceptRefused !== true || status < 400;
    return [
      ...(checksRequest ? checker.checkRequest({ method, path, query, body: requestBody }) : []),
      ...checker.checkResponse({ method, path, status, body: responseBody }),
    ];
  };
  return {
    onExchange: (exchange: RecordedExchange): void => {
      // GraphQL has a description of its own, and its server holds every query against it.
      if (exchange.path !== "/graphql") exchanges.push(exchange);
    },
    exchanges: exchanges as readonly RecordedExchange[],
    problems: (): string[] => exchanges.flatMap(problemsOf),
  };
}

let shared: ContractChecker | undefined;

/** Compiling the schemas costs more than using them: once a process is enough. */
function sharedChecker(): ContractChecker {
  shared ??= createContractChecker();
  return shared;
}
