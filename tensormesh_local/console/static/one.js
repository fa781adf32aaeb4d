// One request: the conversation, where its prompt came from, its answer as it came, and how to send it again.

import { brief, dataOf, said } from "./answer.js";
import { button, element, folded, json } from "./elements.js";
import { lens } from "./lens.js";
import { look, one as rowOf, withId } from "./live.js";
import { operation, outcome, tokenBar } from "./requests.js";
import { get, post } from "./server.js";
import { bytes, count, dollars, moment, seconds } from "./words.js";

const MOST_EVENTS = 300;
const SETTLE_MS = 300;

/** Draw one request. */
export function one(view, number) {
  const head = element("div", {});
  const rest = element("div", {}, element("p", { class: "quiet" }, "Reading …"));
  view.append(element("p", {}, element("a", { href: "#requests" }, "← All requests")), head, rest);
  const state = () => {
    const row = rowOf(number);
    return row ? `${row.state} ${row.status} ${row.prompt}` : null;
  };
  let last = state();
  let timer = null;

  async function read() {
    timer = null;
    try {
      const found = await get(`requests/${number}`);
      head.replaceChildren(...heading(found));
      rest.replaceChildren(...sections(found));
    } catch (error) {
      rest.replaceChildren(element("p", { class: "error" }, error.message));
    }
  }

  function changed() {
    if (state() === last || timer !== null) return;
    last = state();
    timer = setTimeout(read, SETTLE_MS);
  }

  const stop = look(changed);
  read();
  return { end: () => { stop(); clearTimeout(timer); } };
}

function heading(found) {
  const [words, kind] = outcome(found);
  const fact = (name, value) => element("span", {}, element("small", {}, name), element("b", {}, value));
  return [
    element("h2", {}, `Request ${found.number}: ${operation(found)} `, element("small", {}, found.surface)),
    element("div", { class: "facts" },
      fact("model", found.model || "–"),
      element("span", {}, element("small", {}, "outcome"), element("b", { class: kind }, words, found.fault ? " by a fault ⚡" : "")),
      fact("took", seconds(found.seconds)),
      fact("first token", seconds(found.first)),
      element("span", {}, element("small", {}, "tokens in, cached"), element("b", { class: "tokens" }, tokenBar(found), found.cached ? ` ${count(found.cached)}` : "")),
      fact("tokens out", count(found.completion)),
      fact("cost", dollars(found.cost)),
      fact("at", moment(found.started))),
  ];
}

function sections(found) {
  const made = [...conversation(found)];
  if (found.surface === "serverless" || found.surface === "on-demand") {
    made.push(element("h2", {}, "Where the prompt came from"), lens(found.number));
  }
  if (found.answer.events) made.push(element("h2", {}, "The stream"), ...timeline(found));
  made.push(element("h2", {}, "In full"),
    folded("Headers of the request", () => pairs(found.headers)),
    found.answer.headers ? folded("Headers of the answer", () => pairs(found.answer.headers)) : "",
    folded("Body of the request", () => json(found.body)),
    found.answer.body === undefined ? "" : folded(`Body of the answer, ${bytes(found.answer.size)}`, () => json(found.answer.body)));
  if (Object.keys(found.snippets).length) made.push(element("h2", {}, "To copy"), ...snippets(found.snippets));
  if (found.sendable) made.push(element("h2", {}, "Send again"), again(found));
  return made;
}

const pairs = (headers) => element("dl", { class: "mono" }, Object.entries(headers).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));

function turn(title, ...content) {
  return element("section", { class: "turn" }, element("h3", {}, title), content);
}

const text = (content) => element("pre", {}, content);

function conversation(found) {
  const body = found.body ?? {};
  const made = [];
  if (body.tools?.length) made.push(folded(`Tools: ${body.tools.map((tool) => tool.function?.name ?? tool.name ?? tool.type).join(", ")}`, () => json(body.tools, 2)));
  if (typeof body.instructions === "string") made.push(turn("instructions", text(body.instructions)));
  if (Array.isArray(body.messages)) made.push(...body.messages.map(message));
  else if (typeof body.input === "string") made.push(turn("input", text(body.input)));
  else if (Array.isArray(body.input)) made.push(...body.input.map(message));
  else if (body.prompt !== undefined) made.push(turn("prompt", text(typeof body.prompt === "string" ? body.prompt : JSON.stringify(body.prompt))));
  if (found.answer.missing) made.push(element("p", { class: "quiet" }, found.answer.missing));
  else made.push(...answer(found.answer));
  return made.length ? [element("h2", {}, "Conversation"), ...made] : [];
}

function message(one) {
  if (typeof one !== "object" || one === null) return turn("message", text(JSON.stringify(one)));
  const content = one.content ?? one.output ?? "";
  const parts = Array.isArray(content) ? content : [content];
  const calls = one.tool_calls ?? (one.type === "function_call" ? [one] : []);
  return turn(`${one.role ?? one.type ?? "message"}${one.tool_call_id ? ` (${one.tool_call_id})` : ""}`,
    parts.filter((part) => part !== "" && part !== null).map((part) => (typeof part === "string" ? text(part) : typeof part?.text === "string" ? text(part.text) : json(part, 0))),
    calls.map((call) => calling(call.function ?? call)));
}

function calling(call) {
  let given = call.arguments ?? "";
  try {
    given = JSON.parse(given);
  } catch { /* as it is */ }
  return element("div", {}, element("pre", {}, `calls ${call.name}`), json(given, 2));
}

function answer(given) {
  const { choices, error } = said(given);
  const made = choices.map((choice, place) => {
    const one = turn(choices.length > 1 ? `answer ${place + 1}` : "answer",
      choice.thought ? folded("thought", () => element("pre", { class: "thought" }, choice.thought)) : "",
      choice.text ? text(choice.text) : "",
      choice.calls.filter(Boolean).map(calling));
    one.classList.add("answer");
    return one;
  });
  if (error) made.push(element("p", { class: "error" }, error));
  if (given.whole === false) made.push(element("p", { class: "quiet" }, `Only the beginning of ${bytes(given.size)} is kept.`));
  return made;
}

function timeline(found) {
  const events = found.answer.events;
  const end = Math.max(found.seconds ?? 0, events.at(-1)?.at ?? 0) || 1;
  const ticks = events.slice(0, 1000).map(({ at }) => {
    const tick = element("i", {});
    tick.style.left = `${(at / end) * 100}%`;
    return tick;
  });
  const lines = events.slice(0, MOST_EVENTS).map(({ at, data }) => [element("span", {}, seconds(at)), element("span", { class: "mono" }, brief(dataOf(data)))]);
  return [
    element("div", { class: "timeline", role: "img", "aria-label": `${events.length} events in ${seconds(end)}` }, ticks),
    element("p", { class: "quiet" }, `${count(events.length)} events; the first text after ${seconds(found.first)}, the end after ${seconds(found.seconds)}`),
    folded("Each event", () => element("div", { class: "events" }, lines, events.length > MOST_EVENTS ? [element("span", {}), `and ${count(events.length - MOST_EVENTS)} more`] : "")),
  ];
}

function snippets(all) {
  return Object.entries(all).map(([name, code]) => folded(`as ${name}`, () => {
    const copy = button("Copy", async () => {
      await navigator.clipboard.writeText(code);
      copy.textContent = "Copied";
    });
    return element("div", {}, element("pre", {}, code), element("div", { class: "actions" }, copy));
  }));
}

function again(found) {
  const field = element("textarea", { id: "again", spellcheck: "false", "aria-label": "The body to send" });
  field.value = JSON.stringify(found.body, null, 2);
  const told = element("p", { role: "status" });
  const send = button("Send", async () => {
    told.className = "";
    try {
      const body = JSON.parse(field.value);
      const { id } = await post("requests", { path: found.path, body });
      told.textContent = "Sent …";
      const stop = look(() => {
        const row = withId(id);
        if (!row) return;
        stop();
        location.hash = `request/${row.number}`;
      });
    } catch (error) {
      told.className = "error";
      told.textContent = error instanceof SyntaxError ? `This is no JSON: ${error.message}` : error.message;
    }
  }, { class: "main", id: "send" });
  return folded("Change it, or send it as it is", () => element("div", {}, field, element("div", { class: "actions" }, send), told));
}
