// How the page asks its host. From another machine it shows the control-plane token, which stays in this tab.

const BASE = "/_local/console/";
const STORED = "tensormesh-control-plane-token";

/** What the host refused, in its words. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function keepToken(token) {
  sessionStorage.setItem(STORED, token);
}

async function ask(method, path, body, signal) {
  const token = sessionStorage.getItem(STORED);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(BASE + path, {
    method, headers, signal, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  const refusal = new Refusal(answer.status, said.error ?? `The host answered ${answer.status}.`);
  if (answer.status === 401) window.dispatchEvent(new CustomEvent("token-needed", { detail: refusal.message }));
  throw refusal;
}

/** The address of a route, for links. */
export const at = (path) => BASE + path;
export const get = async (path) => (await ask("GET", path)).json();
export const post = async (path, body) => (await ask("POST", path, body)).json();
export const remove = async (path) => (await ask("DELETE", path)).json();
export const file = async (path) => (await ask("GET", path)).blob();

/** Read server-sent events until the stream ends; each is given as what its data says. */
export async function events(path, opened, event, signal) {
  const answer = await ask("GET", path, undefined, signal);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  opened();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) if (part.startsWith("data: ")) event(JSON.parse(part.slice(6)));
  }
}
