export type * from "./flow-document.ts";
export type * from "./host-document.ts";
export type * from "./item-document.ts";
export type * from "./profile-document.ts";
export type * from "./series.ts";
export type * from "./session-document.ts";
