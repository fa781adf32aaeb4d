// The cache lens: what of a prompt came from the cache, what broke the rest, and what all prompts could save.

import { bar, button, drawInto, element } from "./elements.js";
import { get } from "./server.js";
import { count, dollars, share } from "./words.js";

/** Draw the prompt of one request. */
export function lens(number) {
  const place = element("div", { class: "lens" }, element("p", { class: "quiet" }, "Reading the prompts …"));
  const draw = (found) => (found.why ? [element("p", { class: "quiet" }, found.why)] : drawn(found).flat());
  drawInto(place, get(`requests/${number}/lens`), draw).then(() => {
    const first = place.querySelector(".first");
    if (first) first.closest(".prompt").scrollTop = first.offsetTop - 4 * first.offsetHeight;
  });
  return place;
}

function drawn(found) {
  const cached = found.cached ?? found.able;
  const moving = found.free > found.able;
  const link = found.earlier === null ? "" : element("a", { href: `#request/${found.earlier}` }, `Look at request ${found.earlier}`);
  return [
    element("p", { class: moving ? "note moving" : "note" }, found.words, " ", link),
    found.notes.map((note) => element("p", { class: "quiet" }, note)),
    element("p", { class: "quiet" }, found.cached === null
      ? `The host did not tell what was cached; by the prompts, ${count(found.able)} of ${count(found.tokens)} tokens could be.`
      : `The host says ${count(found.cached)} of ${count(found.tokens)} tokens were cached; by the prompts, ${count(found.able)} could be.`,
    ` Tokens of ${found.source}, in blocks of ${found.block}.`),
    element("div", { class: "legend" },
      element("span", { class: "cached" }, "cached"),
      moving ? [element("span", { class: "here" }, "what moves"), element("span", { class: "free" }, "would be cached without it")] : ""),
    element("div", { class: "prompt mono", tabindex: 0, role: "region", "aria-label": "The prompt as tokens" }, tokens(found, cached, moving)),
  ];
}

function tokens(found, cached, moving) {
  const [start, end] = found.here;
  const freeUntil = moving ? found.free + (end - start) : 0;
  const made = [];
  let shown = 0;
  for (const { start: first, texts } of found.windows) {
    if (first > shown) made.push(element("span", { class: "gap" }, `… ${count(first - shown)} tokens …`));
    texts.forEach((text, place) => {
      const at = first + place;
      const kinds = ["t"];
      if (at < cached) kinds.push("cached");
      else if (moving && at >= start && at < end) kinds.push("here");
      else if (at < freeUntil) kinds.push("free");
      if (found.earlier !== null && at === found.common) kinds.push("first");
      if (/^<.+>$/.test(text)) kinds.push("mark");
      made.push(element("span", { class: kinds.join(" "), title: `token ${at}` }, text));
    });
    shown = first + texts.length;
  }
  return made;
}

/** Draw what all prompts come to. */
export function summary(view) {
  const place = element("div", {}, element("p", { class: "quiet" }, "Reading the prompts …"));
  const draw = (found) => (found.requests ? totals(found) : [element("p", { class: "empty" }, "No request had a prompt yet.")]);
  const read = () => drawInto(place, get("lens"), draw);
  view.append(element("h2", {}, "Cache lens ", button("Look again", read)), place);
  read();
}

function totals(found) {
  const { told, tokens: all } = found;
  const line = (words, part, whole, money) => element("div", {},
    element("span", {}, words),
    bar(`${words}: ${share(part, whole)}`, [whole ? part / whole : 0, ""]),
    element("b", { class: "right" }, `${share(part, whole)} · ${count(part)}`, money ? element("small", {}, ` saves ${dollars(money)}`) : ""));
  const gain = Math.max(found.moved, found.reordered) - found.as_sent;
  return [
    element("p", {}, `${count(found.requests)} requests with ${count(all)} tokens of prompts. `,
      told.prompt ? `The host says that ${count(told.cached)} of ${count(told.prompt)} were cached; ${count(told.prompt - told.cached)} were paid.` : ""),
    element("div", { class: "compare" },
      told.prompt ? line("cached, as the host says", told.cached, told.prompt) : "",
      line("as they came", found.as_sent, all, found.worth.as_sent),
      line("in another order, at most", found.reordered, all, found.worth.reordered),
      line("with what moves at the end", found.moved, all, found.worth.moved)),
    found.exact ? "" : element("p", { class: "quiet" }, "Tokens of all prompts are counted by the built-in tokenizer, so about."),
    element("h2", {}, gain > 0 ? "What keeps prompts from being cached" : "Nothing keeps prompts from being cached"),
    element("ol", { class: "parts" }, found.parts.map((part) => element("li", {},
      part.words.charAt(0).toUpperCase() + part.words.slice(1),
      element("br"),
      element("small", {}, `in ${count(part.count)} requests; without it about ${count(part.gain)} more tokens were free: `,
        part.requests.map((number, place) => [place ? ", " : "", element("a", { href: `#request/${number}` }, String(number))]))))),
  ];
}
