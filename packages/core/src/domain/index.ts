export * from "./event.ts";
export * from "./json.ts";
export * from "./outbox.ts";
export * from "./session.ts";
export * from "./task.ts";
export * from "./time.ts";
export * from "./work-item.ts";
