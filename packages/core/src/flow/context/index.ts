export {
  type Artefact,
  type ContextBudgets,
  type ContextFacts,
  type ContextLayer,
  contextBudgets,
  contextFiles,
  contextOf,
  type DirectInput,
  type FlowProgress,
} from "./context-of.ts";
export { fitText } from "./fit-text.ts";
export { type PromptFacts, promptOf } from "./prompt-of.ts";
