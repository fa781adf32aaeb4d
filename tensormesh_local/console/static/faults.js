// Faults: what is to go wrong, by a form that has every key of a script, and what became of those so far.

import { button, element } from "./elements.js";
import { get, post, remove } from "./server.js";

/** Draw the form and the list. */
export function faults(view) {
  const list = element("div", {});
  const told = element("p", { role: "status" });
  const form = element("form", { class: "fault" });
  let fields = [];

  function show(found) {
    if (!fields.length) {
      fields = found.fields;
      form.append(
        group("Which requests", fields.filter(({ name }) => name.startsWith("match.") || name === "times")),
        group("What goes wrong", fields.filter(({ name }) => !name.startsWith("match.") && name !== "times")),
        element("p", { class: "actions" }, element("button", { class: "main" }, "Let it happen")), told);
    }
    list.replaceChildren(...listed(found.faults));
  }

  const failed = (error) => {
    told.className = "error";
    told.textContent = error.message;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      show(await post("faults", script(form, fields)));
      // A fault can be called reset, and so one of the fields is.
      HTMLFormElement.prototype.reset.call(form);
      told.className = "";
      told.textContent = "It will.";
    } catch (error) {
      failed(error);
    }
  });
  view.append(
    element("h2", {}, "Faults ", button("Look again", () => get("faults").then(show, failed)), " ",
      button("Remove all", () => remove("faults").then(show, failed))),
    list, element("h2", {}, "Another one"),
    element("p", { class: "quiet" }, "The first request that it is meant for is struck, once unless times says otherwise. What is left out is not looked at."),
    form);
  get("faults").then(show, failed);
}

function group(title, fields) {
  return element("fieldset", {}, element("legend", {}, title), fields.map(field));
}

function field({ name, kind, help, words }) {
  const id = `fault-${name}`;
  const label = name.replace("match.", "");
  if (kind === "boolean" && name !== "leak_think") {
    return element("label", { class: "truth" }, element("input", { id, name, type: "checkbox" }), ` ${label} `, element("small", {}, help));
  }
  help = HELP[name] ?? help;
  const options = words ?? (kind === "boolean" ? ["true", "false"] : null);
  const input = options
    ? element("select", { id, name }, element("option", { value: "" }, ""), options.map((word) => element("option", {}, word)))
    : element("input", { id, name, placeholder: HINTS[name] ?? HINTS[kind] ?? "", inputmode: kind === "integer" ? "numeric" : null, autocomplete: "off" });
  return element("label", { for: id }, label, input, element("small", {}, help));
}

const HELP = {
  times: "how often: a number, or always; once where it is left out", stall_seconds: "go on after so long; never where it is left out",
};
const HINTS = {
  times: "1, or always", "match.path": "/v1/chat/*", "match.method": "POST", status: "429", headers: '{"Retry-After": "1"}',
  body: '{"error": "…"}, or text', array: "usage, choices.*.finish_reason", object: '{"…": …}', number: "0.5", integer: "3",
};

function script(form, fields) {
  const found = {};
  for (const { name, kind } of fields) {
    const input = form.elements.namedItem(name);
    if (input.type === "checkbox") {
      if (input.checked) found[name] = true;
      continue;
    }
    const text = input.value.trim();
    if (!text) continue;
    const value = read(name, kind, text);
    if (name.startsWith("match.")) (found.match ??= {})[name.slice(6)] = value;
    else found[name] = value;
  }
  return found;
}

function read(name, kind, text) {
  if (name === "times" && text === "always") return null;
  if (kind === "boolean") return text === "true";
  if (kind === "integer" || kind === "number") return Number.isNaN(Number(text)) ? text : Number(text);
  if (kind === "array") return text.split(",").map((part) => part.trim()).filter(Boolean);
  if (kind === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    if (kind === "object") throw new Error(`${name} must be a JSON object`);
    return text;
  }
}

function listed(all) {
  if (!all.length) return [element("p", { class: "quiet" }, "None is scripted: the host does what it can.")];
  const rows = all.map(({ script: keys, struck, left }) => element("tr", {},
    element("td", { class: "mono" }, JSON.stringify(keys)),
    element("td", { class: "number" }, String(struck)),
    element("td", {}, left === null ? "every time" : left ? `${left} more` : "over")));
  return [element("div", { class: "wide" }, element("table", {},
    element("thead", {}, element("tr", {}, element("th", {}, "Fault"), element("th", { class: "number" }, "Struck"), element("th", {}, "Waits"))),
    element("tbody", {}, rows)))];
}
