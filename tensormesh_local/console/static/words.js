// Numbers and times as people read them.

const whole = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const count = (number) => (number === null || number === undefined ? "–" : whole.format(number));
export const about = (number) => (number < 10_000 ? whole.format(number) : short.format(number));
export const share = (part, all) => (all ? `${Math.round((100 * part) / all)} %` : "–");

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.001) return `${(value * 1000).toFixed(2)} ms`;
  if (value < 1) return `${(value * 1000).toFixed(value < 0.1 ? 1 : 0)} ms`;
  return value < 60 ? `${value.toFixed(2)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

export function dollars(text) {
  if (text === null || text === undefined) return "–";
  const value = Number(text);
  if (value === 0) return "$0";
  // Two digits that say something, of however small a part of a cent.
  if (Math.abs(value) < 0.01) return `$${value.toFixed(Math.min(12, 1 - Math.floor(Math.log10(Math.abs(value)))))}`;
  return `$${value.toFixed(4).replace(/0{1,2}$/, "")}`;
}

export const clock = (at) => new Date(at * 1000).toLocaleTimeString("en-GB");
export const moment = (at) => new Date(at * 1000).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
export const bytes = (size) => (size < 10_000 ? `${whole.format(size)} bytes` : `${short.format(size)}B`);
export const amount = (value) => Number(value?.units ?? 0) + Number(value?.nanos ?? 0) / 1e9;
export const money = (value) => (value ? dollars(amount(value)) : "–");
