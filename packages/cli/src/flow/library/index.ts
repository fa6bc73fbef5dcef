export {
  addTasks,
  cancelFlow,
  cancelTask,
  decide,
  pauseFlow,
  resumeFlow,
  retryTask,
  updateTask,
} from "./act-on-flows.ts";
export { FlowError } from "./flow-error.ts";
export { waitForFlow, watchFlow } from "./follow-flow.ts";
export { exportFlow, flowResults, flowStatus, listFlows } from "./look-at-flows.ts";
export { checkPlan, submitFlow } from "./submit-plan.ts";
