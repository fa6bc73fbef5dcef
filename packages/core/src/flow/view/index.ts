export { type FlowStatus, type FlowTaskStatus, readFlowStatus, type WorkedBy } from "./flow-status.ts";
export { type FlowHoldCode, type FlowTaskHold, flowHoldCodes, whyItWaits } from "./why-it-waits.ts";
