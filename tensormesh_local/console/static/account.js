// The account, as the control plane tells of it.

import { drawInto, element, shape } from "./elements.js";
import { at, get } from "./server.js";
import { amount, dollars, money } from "./words.js";

/** Draw balance, spending, keys, models and their prices. */
export function account(view) {
  const place = element("div", {}, element("p", { class: "quiet" }, "Asking the control plane …"));
  view.append(element("h2", {}, "Account"), place);
  drawInto(place, get("account"), drawn);
}

function part(title, found, make) {
  const from = element("small", {}, element("code", {}, found.command), " · ", element("a", { href: at(found.link), target: "_blank", rel: "noopener" }, element("code", {}, `GET /control-plane${found.path}`)));
  return [
    element("h2", {}, title, " ", from),
    found.refused ? element("p", { class: "error" }, found.refused.message ?? "refused") : make(found.answer),
  ];
}

function drawn({ balance, spending, keys, prices, deployments }) {
  return [
    part("Balance", balance, ({ balance: left }) => element("div", { class: "facts" }, element("b", {}, money(left)))),
    part("Spending, the last 30 days", spending, ({ buckets }) => plot(buckets ?? [])),
    part("Prices, per million tokens", prices, ({ pricing }) => table(["Model", "In", "Cached", "Out"], (pricing ?? []).map((one) => [one.model, money(one.inputTokenPrice), money(one.cachedTokenPrice), money(one.outputTokenPrice)]))),
    part("Deployments", deployments, ({ models }) => table(["Name", "Status", "Weights"], (models ?? []).map((one) => [one.modelName, String(one.status ?? "").replace("MODEL_STATUS_", "").toLowerCase(), one.modelPath]))),
    part("API keys", keys, ({ apiKeys }) => table(["Name", "Key", "Made", "Ends"], (apiKeys ?? []).map((one) => [one.name, one.id, day(one.createdAt), one.expiresAt ? day(one.expiresAt) : "never"]))),
  ].flat(2);
}

const day = (text) => String(text ?? "").slice(0, 10);

function table(heads, rows) {
  if (!rows.length) return element("p", { class: "quiet" }, "There are none.");
  return element("div", { class: "wide" }, element("table", {},
    element("thead", {}, element("tr", {}, heads.map((head) => element("th", {}, head)))),
    element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((cell) => element("td", {}, cell ?? "")))))));
}

const WIDTH = 620;
const HEIGHT = 110;

function plot(buckets) {
  const days = buckets.map((one) => ({ day: day(one.bucketStart), spent: amount(one.amount), saved: amount(one.costSaving) }));
  const most = Math.max(...days.map((one) => one.spent + one.saved), 0.000001);
  const step = WIDTH / Math.max(days.length, 1);
  const block = (one, place, value, below, kind) => shape("rect", {
    class: kind, x: place * step + 1, width: Math.max(step - 2, 1), y: HEIGHT - ((below + value) / most) * HEIGHT, height: (value / most) * HEIGHT,
  }, shape("title", {}, `${one.day}: ${dollars(one.spent)} spent, ${dollars(one.saved)} saved by the cache`));
  const total = days.reduce((sum, one) => sum + one.spent, 0);
  return element("div", {},
    shape("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT + 18}`, role: "img", "aria-label": `${dollars(total)} in ${days.length} days` },
      days.map((one, place) => [block(one, place, one.spent, 0, "spent"), block(one, place, one.saved, one.spent, "saved")]),
      shape("text", { x: 0, y: HEIGHT + 14 }, days[0]?.day ?? ""),
      shape("text", { x: WIDTH, y: HEIGHT + 14, "text-anchor": "end" }, days.at(-1)?.day ?? "")),
    element("p", { class: "quiet" }, `${dollars(total)} spent; the pale part is what the cache saved.`));
}
