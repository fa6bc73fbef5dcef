import { everyWrite } from "../fixtures/every-write.ts";
import { injectFaults } from "../fixtures/inject-faults.ts";

// Every second kind, a merge among them; `fault-injection-of-others` has the rest. Together they are all kinds.
injectFaults(everyWrite.filter((_, index) => index % 2 === 1));
