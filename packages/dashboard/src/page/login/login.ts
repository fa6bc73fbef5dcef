// What runs where somebody has to log in first: a program of its own, because the page's is refused without a login.
import { keepPlace } from "./keep-place.ts";

keepPlace();
