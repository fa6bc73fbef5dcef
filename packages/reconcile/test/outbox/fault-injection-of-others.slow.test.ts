import { everyWrite } from "../fixtures/every-write.ts";
import { injectFaults } from "../fixtures/inject-faults.ts";

// What `fault-injection` leaves: closing a pull request does not stand beside merging it.
injectFaults(everyWrite.filter((_, index) => index % 2 === 0));
