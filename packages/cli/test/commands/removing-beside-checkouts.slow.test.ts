// Wherever a link or a later change has put a person's checkout: removing a profile does not touch it.
import { it } from "vitest";
import { expectCheckoutKept, places, useCheckout } from "./a-profile-to-remove.ts";

useCheckout();

it.each(places)("a checkout that %s (%s) is not touched", expectCheckoutKept);
