import "./style/colours.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/lists.css";
import "./style/pages.css";
import { render } from "preact";
import { goToKeptPlace } from "./login/keep-place.ts";
import { Shell } from "./shell/shell.tsx";
import { showKeptTheme } from "./theme.ts";

showKeptTheme();
goToKeptPlace();
const place = document.getElementById("app");
if (place) {
  place.replaceChildren();
  render(<Shell />, place);
}
