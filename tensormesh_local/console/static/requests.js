// The list of requests. Only the rows that can be seen are in the page, so thousands cost what dozens do.

import { bar, button, element } from "./elements.js";
import { all, look } from "./live.js";
import { file, remove } from "./server.js";
import { about, clock, count, dollars, seconds, share } from "./words.js";

const BEYOND = 8;
const OUTCOMES = {
  "": ["any outcome", () => true],
  good: ["answered", (row) => row.state === "done" && row.status < 400],
  bad: ["failed", (row) => row.status >= 400 || row.state === "cut off" || row.state === "hung up"],
  open: ["under way", (row) => row.state === "open"],
  fault: ["struck by a fault", (row) => row.fault],
};
// What was looked for stays when somebody comes back to the list.
const wanted = { text: "", surface: "", outcome: "" };
let chosen = null;

export function operation(row) {
  return `${row.method === "POST" ? "" : `${row.method} `}${row.operation || "/"}${row.query ? `?${row.query}` : ""}`;
}

export function outcome(row) {
  if (row.state === "open") return ["…", ""];
  if (row.state !== "done") return [row.state, "warn"];
  return [String(row.status ?? "–"), row.status < 400 ? "good" : "bad"];
}

function matches(row) {
  if (wanted.surface && row.surface !== wanted.surface) return false;
  if (!OUTCOMES[wanted.outcome][1](row)) return false;
  if (!wanted.text) return true;
  const text = `${row.number} ${row.surface}${operation(row)} ${row.model} ${row.status} ${row.state} ${row.id} ${row.text}`;
  return wanted.text.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
}

export function tokenBar(row) {
  if (row.prompt === null) return "–";
  const words = `${count(row.cached)} of ${count(row.prompt)} tokens cached`;
  return [element("span", { title: words }, count(row.prompt)), bar(words, [row.prompt ? row.cached / row.prompt : 0, "cached"])];
}

function cells(row) {
  const [words, kind] = outcome(row);
  return [
    element("span", { class: "time" }, clock(row.started)),
    element("span", { class: "what" }, operation(row), " ", element("small", {}, row.surface)),
    element("span", { class: "model" }, row.model || row.text || ""),
    element("span", { class: `status ${kind}` }, words, row.fault ? " ⚡" : ""),
    element("span", { class: "duration right" }, seconds(row.seconds)),
    element("span", { class: "first right" }, seconds(row.first)),
    element("span", { class: "tokens" }, tokenBar(row)),
    element("span", { class: "out right" }, count(row.completion)),
    element("span", { class: "cost right" }, dollars(row.cost)),
  ];
}

/** The rows that are in the page: each stays the element it is, so that a click on one is not lost when others come. */
class Rows {
  constructor(list) {
    this.list = list;
    this.known = new Map();
  }

  show(rows, first, size) {
    const kept = new Set(rows.map((row) => row.number));
    for (const [number, { made }] of this.known) {
      if (kept.has(number)) continue;
      made.remove();
      this.known.delete(number);
    }
    if (!this.known.size) this.list.replaceChildren();
    rows.forEach((row, place) => {
      const made = this.one(row, first + place, size);
      if (this.list.children[place] !== made) this.list.insertBefore(made, this.list.children[place] ?? null);
    });
  }

  one(row, place, size) {
    const content = JSON.stringify(row);
    let found = this.known.get(row.number);
    if (!found) {
      found = { made: element("div", { class: "row", role: "option", id: `row-${row.number}`, "data-number": row.number, title: row.text || null }) };
      this.known.set(row.number, found);
    }
    if (found.content !== content) {
      found.content = content;
      found.made.replaceChildren(...cells(row).flat());
    }
    found.made.setAttribute("aria-selected", String(row.number === chosen));
    found.made.setAttribute("aria-posinset", place + 1);
    found.made.setAttribute("aria-setsize", size);
    found.made.style.top = `calc(${place} * var(--row))`;
    return found.made;
  }

  empty(words) {
    this.known.clear();
    this.list.replaceChildren(element("p", { class: "empty" }, words));
  }
}

const HEADINGS = ["Time", "Operation", "Model", "Status", "Took", "First", "Tokens in, cached", "Out", "Cost"];

/** Draw the list. */
export function requests(view) {
  view.className = "list";
  const search = element("input", { id: "search", type: "search", placeholder: "Search: words, model, path, status, id", "aria-label": "Search", value: wanted.text });
  const surfaces = select("Surface", wanted.surface, [["", "any surface"], ...["serverless", "on-demand", "control-plane"].map((name) => [name, name])]);
  const outcomes = select("Outcome", wanted.outcome, Object.entries(OUTCOMES).map(([name, [words]]) => [name, words]));
  const totals = element("p", { class: "totals" });
  const list = element("div", { class: "rows" });
  const scroller = element("div", { class: "scroller", role: "listbox", tabindex: 0, "aria-label": "Requests, the newest first" }, list);
  view.append(
    element("div", { class: "filters" }, search, surfaces, outcomes, button("Save", save), button("Clear", clear)),
    totals,
    element("div", { class: "columns", "aria-hidden": "true" }, HEADINGS.map((name, place) => element("span", { class: [4, 5, 7, 8].includes(place) ? "right" : "" }, name))),
    scroller);

  const drawn = new Rows(list);
  let shown = [];
  const height = () => list.querySelector(".row")?.offsetHeight || parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) * 15;

  function sorted() {
    shown = all().filter(matches).reverse();
    list.style.height = `calc(${shown.length} * var(--row))`;
    let [prompt, cached, cost] = [0, 0, 0];
    for (const row of shown) {
      prompt += row.prompt ?? 0;
      cached += row.cached ?? 0;
      cost += Number(row.cost ?? 0);
    }
    const part = shown.length === all().length ? "" : ` of ${count(all().length)}`;
    totals.textContent = `${count(shown.length)}${part} requests · ${about(prompt)} tokens in, ${share(cached, prompt)} of them cached · ${dollars(cost)}`;
    draw();
  }

  function draw() {
    if (!shown.length) {
      drawn.empty(all().length ? "No request is like that." : "Nothing was asked yet. What your program sends appears here.");
      return;
    }
    const row = height();
    const first = Math.max(0, Math.floor(scroller.scrollTop / row) - BEYOND);
    const last = Math.min(shown.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / row) + BEYOND);
    drawn.show(shown.slice(first, last), first, shown.length);
    if (chosen === null) scroller.removeAttribute("aria-activedescendant");
    else scroller.setAttribute("aria-activedescendant", `row-${chosen}`);
  }

  function choose(place) {
    if (!shown.length) return;
    const at = Math.max(0, Math.min(shown.length - 1, place));
    chosen = shown[at].number;
    const row = height();
    if (at * row < scroller.scrollTop) scroller.scrollTop = at * row;
    if ((at + 1) * row > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = (at + 1) * row - scroller.clientHeight;
    draw();
    scroller.focus({ preventScroll: true });
  }

  const place = () => shown.findIndex((row) => row.number === chosen);
  const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

  function key(event) {
    if (event.key in steps) {
      const step = steps[event.key];
      choose(Number.isFinite(step) ? place() + step : step < 0 ? 0 : shown.length - 1);
      return true;
    }
    if (event.key === "Enter" && place() >= 0 && !event.target.closest("button, a")) {
      location.hash = `request/${chosen}`;
      return true;
    }
    return false;
  }

  search.addEventListener("input", () => { wanted.text = search.value.trim(); sorted(); });
  surfaces.addEventListener("change", () => { wanted.surface = surfaces.value; sorted(); });
  outcomes.addEventListener("change", () => { wanted.outcome = outcomes.value; sorted(); });
  scroller.addEventListener("scroll", draw, { passive: true });
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    chosen = Number(row.dataset.number);
    location.hash = `request/${chosen}`;
  });
  window.addEventListener("resize", draw);
  const stop = look(sorted);
  sorted();
  return { key, end: () => { stop(); window.removeEventListener("resize", draw); } };
}

function select(label, value, options) {
  const made = element("select", { "aria-label": label }, options.map(([name, words]) => element("option", { value: name }, words)));
  made.value = value;
  return made;
}

async function save() {
  const link = element("a", { href: URL.createObjectURL(await file("ledger.jsonl")), download: "requests.jsonl" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function clear() {
  await remove("requests");
}
