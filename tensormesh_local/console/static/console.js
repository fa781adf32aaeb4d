// The page: which view is shown, and the keys. Each view draws into an element, and may give what ends it.

import { account } from "./account.js";
import { button, element } from "./elements.js";
import { faults } from "./faults.js";
import { summary } from "./lens.js";
import { follow } from "./live.js";
import { one } from "./one.js";
import { requests } from "./requests.js";
import { keepToken } from "./server.js";

const place = document.getElementById("view");
const state = document.getElementById("state");
const keys = document.getElementById("keys");
const VIEWS = { requests, lens: summary, faults, account };
let end = null;
let keyOfView = null;

function show() {
  const [name, number] = location.hash.slice(1).split("/");
  if (name === "view") return;
  end?.();
  place.className = "";
  place.replaceChildren();
  const view = name === "request" ? one : VIEWS[name] ?? requests;
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.hash === `#${name || "requests"}` || (name === "request" && link.hash === "#requests");
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const made = view(place, Number(number)) ?? {};
  end = made.end ?? null;
  keyOfView = made.key ?? null;
  if (!place.contains(document.activeElement)) place.focus({ preventScroll: true });
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  const typing = event.target.closest("input, select, textarea");
  if (typing) {
    if (event.key === "Escape") place.focus();
    return;
  }
  if (keyOfView?.(event)) event.preventDefault();
  else if (/^[1-4]$/.test(event.key)) location.hash = Object.keys(VIEWS)[event.key - 1];
  else if (event.key === "?") keys.showModal();
  else if (event.key === "Escape") location.hash = "requests";
  else if (event.key === "/") {
    event.preventDefault();
    location.hash = "requests";
    setTimeout(() => document.getElementById("search")?.focus());
  }
}

function askForToken({ detail }) {
  if (document.getElementById("token")) return;
  const field = element("input", { id: "token", type: "password", autocomplete: "off", required: true });
  const form = element("form", { class: "note" },
    element("p", {}, detail),
    element("p", {}, element("label", { for: "token" }, "Control-plane token "), field, " ", button("Show the console", () => form.requestSubmit())));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keepToken(field.value.trim());
    form.remove();
    window.dispatchEvent(new Event("token-given"));
    show();
  });
  place.before(form);
  field.focus();
}

window.addEventListener("hashchange", show);
window.addEventListener("keydown", pressed);
window.addEventListener("token-needed", askForToken);
document.getElementById("help").addEventListener("click", () => keys.showModal());
show();
follow((words, lost) => {
  state.textContent = words;
  state.className = lost ? "lost" : "";
});
