// Who did what, when, and how it ended.

import { path } from "../api.js";
import { h, heading } from "../dom.js";
import { plain, time } from "../format.js";
import { table } from "../table.js";

const limit = 200;

const columns = [
  { key: "at", title: "At", width: 14, value: (entry) => time(entry.at) },
  { key: "who", title: "Who", width: 14, value: (entry) => plain(entry.who) },
  { key: "act", title: "Act", width: 11, value: (entry) => plain(entry.act) },
  { key: "target", title: "On", width: 24, wide: true, value: (entry) => plain(entry.target) },
  { key: "outcome", title: "Outcome", width: 24, value: (entry) => ({ ...plain(entry.outcome),
    className: ["done", "begun", ""].includes(entry.outcome ?? "") ? "" : "wrong" }) },
].map((each) => ({ ...each, sort: false }));

export function auditPage() {
  const list = table({ caption: "Acts, newest first", columns, keyOf: (entry) => entry.key, empty: "nobody has done anything yet" });
  const element = h("div", { class: "page" }, heading("Audit"),
    h("p", { class: "note" }, `The last ${limit} acts of operators; all are in audit.jsonl in the server's data directory.`), list.element);
  return {
    title: "Audit",
    element,
    watches: () => [{ key: "audit", path: path("audit", { limit }) }],
    show(key, body) {
      const seen = new Map();
      list.update(body.entries.toReversed().map((entry) => {
        const name = `${entry.at} ${entry.who} ${entry.act} ${entry.target}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
        return { ...entry, key: `${name} ${seen.get(name)}` };
      }).reverse());
    },
  };
}
