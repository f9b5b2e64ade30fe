// Numbers for people: short text, and the exact value as title. All return
// {text, title}; what is not known is a dash.

const unknown = { text: "–", title: "not known" };
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function known(value) {
  return value !== null && value !== undefined && Number.isFinite(Number(value));
}

/** Three digits that matter: 9.87, 98.7, 987. */
function short(value) {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** 12345 -> "12.3 k". */
function thousands(value) {
  const power = Math.min(Math.floor(Math.log10(Math.abs(value)) / 3), 4);
  return `${(value / 1000 ** power).toPrecision(3)} ${["", "k", "M", "G", "T"][power]}`;
}

export function count(value) {
  if (!known(value)) return unknown;
  const text = Math.abs(value) < 10000 ? grouped.format(value) : thousands(Number(value));
  return { text, title: grouped.format(value) };
}

export function rate(value) {
  if (!known(value)) return unknown;
  return { text: value >= 1000 ? count(Math.round(value)).text : short(Number(value)), title: `${grouped.format(value)} per second` };
}

export function bytes(value) {
  if (!known(value)) return unknown;
  const size = Number(value);
  if (size < 1024) return { text: `${short(size)} B`, title: `${grouped.format(size)} bytes` };
  const unit = Math.min(Math.floor(Math.log2(size) / 10), 5);
  return { text: `${short(size / 1024 ** unit)} ${["", "KiB", "MiB", "GiB", "TiB", "PiB"][unit]}`,
    title: `${grouped.format(size)} bytes` };
}

export function share(value) {
  if (!known(value)) return unknown;
  const percent = Number(value) * 100;
  return { text: `${percent > 0 && percent < 0.1 ? "<0.1" : percent.toFixed(percent < 9.95 ? 1 : 0)} %`,
    title: `${grouped.format(percent)} %` };
}

export function milliseconds(value) {
  if (!known(value)) return unknown;
  const time = Number(value);
  const title = `${grouped.format(time)} ms`;
  if (time === 0) return { text: "0", title };
  if (time < 1) return { text: `${short(time * 1000)} µs`, title };
  if (time < 1000) return { text: `${short(time)} ms`, title };
  if (time < 60000) return { text: `${short(time / 1000)} s`, title };
  const seconds = Math.floor(time / 1000);
  if (seconds < 3600) return { text: `${Math.floor(seconds / 60)} min ${seconds % 60} s`, title };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 2880) return { text: `${Math.floor(minutes / 60)} h ${minutes % 60} min`, title };
  return { text: `${Math.floor(minutes / 1440)} days`, title };
}

export function microseconds(value) {
  if (!known(value)) return unknown;
  return { text: milliseconds(Number(value) / 1000).text, title: `${grouped.format(value)} µs` };
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** A clock time; with the day when it is not today's. */
export function time(value, now = Date.now()) {
  if (!known(value) || Number(value) <= 0) return unknown;
  const at = new Date(Number(value));
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const today = new Date(now).toDateString() === at.toDateString();
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return { text: today ? clock : `${day} ${clock}`, title: at.toISOString() };
}

export function age(value, now = Date.now()) {
  if (!known(value) || Number(value) <= 0) return unknown;
  return { text: milliseconds(Math.max(0, now - Number(value))).text, title: new Date(Number(value)).toISOString() };
}

/** counted(1, "turn") -> "1 turn". */
export function counted(value, what) {
  return `${count(value).text} ${what}${Number(value) === 1 ? "" : "s"}`;
}

export function plain(value) {
  if (value === null || value === undefined || value === "") return { text: "–", title: "" };
  return { text: String(value), title: String(value) };
}

/** By the unit that a field's name ends with, as the interface names them. */
export function named(name, value) {
  if (value === null || value === undefined) return unknown;
  if (typeof value === "number") {
    if (name === "at" || name.endsWith("_at") || name === "since") return time(value);
    if (name.endsWith("_ms")) return milliseconds(value);
    if (name.endsWith("_us")) return microseconds(value);
    if (name.endsWith("bytes")) return bytes(value);
    if (name.endsWith("_share")) return share(value);
    if (name.endsWith("_per_second")) return rate(value);
    return count(value);
  }
  return plain(typeof value === "object" ? JSON.stringify(value) : value);
}

/** "pending_compaction_bytes" -> "pending compaction": the unit is in the value. */
export function fieldName(name) {
  return name.replace(/_(ms|us|bytes|at)$/, "").replaceAll("_", " ");
}
