import * as z from "zod";
import { troubleKinds } from "../domain/trouble.ts";
import { section, text } from "./schema-fields.ts";
import { variableName } from "./schema-providers.ts";
import { isTimeZone } from "./schema-scheduling.ts";

/** `notifications` of control-plane.yaml and of host.yaml: who is told of what wants a person. */

const kinds = z.array(z.enum(troubleKinds)).default([]);

/** The value itself stands elsewhere, so that the file may be shown to anybody. */
const reference = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\/\S.*)$/;
const address = /^https?:\/\/[^\s/@]+(\/\S*)?$/;

const keys = {
  mute: kinds,
  group_minutes: z.number().nonnegative().max(10_080).default(10),
  quiet_hours: text
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'from when to when, such as "22:00-07:00"')
    .nullable()
    .default(null),
  quiet_time_zone: text
    .refine(isTimeZone, 'a time zone by its IANA name, such as "Europe/Stockholm"')
    .nullable()
    .default(null),
  quiet_except: kinds,
  desktop: z.boolean().default(false),
  webhook: section({
    url: text
      .refine(
        (value) => reference.test(value) || address.test(value),
        "a web address without user name or password, or where it stands: env:NAME or file:/path",
      )
      .nullable()
      .default(null),
    secret: text
      .regex(reference, "where the secret stands, env:NAME or file:/path, and never the secret itself")
      .nullable()
      .default(null),
  }),
  command: section({
    run: z.array(z.string().min(1)).default([]),
    pass: z.array(variableName).default([]),
    timeout_seconds: z.number().positive().max(60).default(20),
  }),
};

export const notificationsSection = section(keys);

export const hostNotificationsSection = section({
  ...keys,
  dashboard_url: text
    .regex(address, "where people open the dashboard, such as http://127.0.0.1:8765")
    .transform((value) => value.replace(/\/+$/, ""))
    .nullable()
    .default(null),
});
