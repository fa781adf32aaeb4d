// The requests as the host tells of them. Who looks is called once a frame, however many come.

import { Refusal, events } from "./server.js";

const AGAIN_MS = 1000;
let rows = [];
let byNumber = new Map();
let waiting = false;
const lookers = new Set();

export const all = () => rows;
export const one = (number) => byNumber.get(number);
export const withId = (id) => rows.findLast((row) => row.id === id);

/** Be told of changes; gives what ends it. */
export function look(looker) {
  lookers.add(looker);
  return () => lookers.delete(looker);
}

function changed() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const looker of lookers) looker();
  });
}

function take({ first, rows: news }) {
  for (const row of news) {
    const known = byNumber.get(row.number);
    if (known) Object.assign(known, row);
    else {
      byNumber.set(row.number, row);
      rows.push(row);
    }
  }
  if (rows.length && rows[0].number < first) {
    rows = rows.filter((row) => row.number >= first);
    byNumber = new Map(rows.map((row) => [row.number, row]));
  }
  changed();
}

function forget() {
  rows = [];
  byNumber = new Map();
}

/** Wait until somebody sees the page: a browser has few connections to a host, and tabs behind others need none. */
async function seen() {
  while (document.hidden) await new Promise((go) => document.addEventListener("visibilitychange", go, { once: true }));
}

/** Follow the host for as long as the page is seen. */
export async function follow(tell) {
  for (;;) {
    await seen();
    const unseen = new AbortController();
    const leave = () => unseen.abort();
    const hidden = () => { if (document.hidden) leave(); };
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hidden);
    try {
      await events("requests", () => { forget(); changed(); tell("Live", false); }, take, unseen.signal);
      tell("The host has ended the connection; trying again …", true);
    } catch (error) {
      if (unseen.signal.aborted) continue;
      if (error instanceof Refusal && error.status === 401) {
        tell("The host asks for its token.", true);
        await new Promise((go) => window.addEventListener("token-given", go, { once: true }));
        continue;
      }
      tell("The host does not answer; trying again …", true);
    } finally {
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hidden);
    }
    await new Promise((go) => setTimeout(go, AGAIN_MS));
  }
}
