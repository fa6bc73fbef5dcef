export {
  type ContractChecker,
  type ContractRequest,
  type ContractResponse,
  createContractChecker,
} from "./contract-checker.ts";
export { type RecordedExchange, recordExchanges } from "./record-exchanges.ts";
