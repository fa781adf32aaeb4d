// Elements made of data. Text becomes text, whoever wrote it: nothing here reads markup.

/** Make an element; `on` holds its listeners, `data-` and `aria-` attributes go by their names. */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for the elements of a picture. */
export function shape(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Draw into a place what is being read, or why it cannot be. */
export function drawInto(place, reading, draw) {
  return reading.then(
    (found) => place.replaceChildren(...draw(found)),
    (error) => place.replaceChildren(element("p", { class: "error" }, error.message)));
}

/** A bar of which parts are drawn, each [share, class]. */
export function bar(label, ...parts) {
  const drawn = parts.map(([share, name]) => {
    const part = element("span", { class: name });
    part.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
    return part;
  });
  return element("span", { class: "bar", role: "img", "aria-label": label }, drawn);
}

/** A button. */
export function button(text, click, attributes = {}) {
  return element("button", { type: "button", on: { click }, ...attributes }, text);
}

/** Something to open: what is in it is made when it is first opened. */
export function folded(title, make, open = false) {
  const made = element("details", {}, element("summary", {}, title));
  const fill = () => { if (made.open && made.childElementCount === 1) made.append(make()); };
  made.addEventListener("toggle", fill);
  made.open = open;
  fill();
  return made;
}

/** A JSON value to look into, as deep as somebody wants. */
export function json(value, depth = 1) {
  return element("div", { class: "json mono" }, node("", value, depth));
}

const MOST_ITEMS = 500;

function node(name, value, depth) {
  const label = name === "" ? [] : [element("span", { class: "name" }, name), ": "];
  if (value === null || typeof value !== "object") {
    return element("div", { class: "leaf" }, label, JSON.stringify(value) ?? "");
  }
  const entries = Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  const items = () => element("div", {},
    entries.slice(0, MOST_ITEMS).map(([key, item]) => node(key, item, depth - 1)),
    entries.length > MOST_ITEMS ? `and ${entries.length - MOST_ITEMS} more` : "");
  return folded([label, size], items, depth > 0);
}
