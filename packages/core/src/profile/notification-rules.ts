import type * as z from "zod";
import type { HostNotificationRules, NotificationRules, QuietHours } from "../domain/notification.ts";
import type { hostNotificationsSection, notificationsSection } from "./schema-notifications.ts";

type Section = z.output<typeof notificationsSection>;

/** From a checked section to what the program uses; a profile's quiet hours are in its own time zone. */
export function notificationRulesOf(section: Section, timeZone: string | null): NotificationRules {
  const { webhook, command } = section;
  return {
    mute: section.mute,
    groupMs: Math.round(section.group_minutes * 60_000),
    quietHours: quietHoursOf(section, timeZone),
    desktop: section.desktop,
    webhook: webhook.url === null ? null : { url: webhook.url, secret: webhook.secret },
    command:
      command.run.length === 0
        ? null
        : { run: command.run, pass: command.pass, timeoutMs: Math.round(command.timeout_seconds * 1000) },
  };
}

export const hostNotificationRulesOf = (section: z.output<typeof hostNotificationsSection>): HostNotificationRules => ({
  ...notificationRulesOf(section, null),
  dashboardUrl: section.dashboard_url,
});

function quietHoursOf(section: Section, timeZone: string | null): QuietHours | null {
  if (section.quiet_hours === null) return null;
  const [from = "", to = ""] = section.quiet_hours.split("-");
  return {
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    timeZone: section.quiet_time_zone ?? timeZone,
    except: section.quiet_except,
  };
}

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
