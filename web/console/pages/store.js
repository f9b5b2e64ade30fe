// The store: its column families, whether writes stall, how long syncing takes.

import { path } from "../api.js";
import { fact, h, heading, panel, setText } from "../dom.js";
import { bytes, count, plain } from "../format.js";
import { jsonView } from "../json_view.js";
import { showState } from "../states.js";
import { table } from "../table.js";

const columns = [
  { key: "name", title: "Column family", width: 12, wide: true, value: (column) => plain(column.name) },
  { key: "keys_estimate", title: "Keys", help: "estimate", width: 8, numeric: true, value: (column) => count(column.keys_estimate) },
  { key: "bytes", title: "On disk", width: 10, numeric: true, value: (column) => bytes(column.bytes) },
  { key: "memtable_bytes", title: "In memory", width: 10, numeric: true, value: (column) => bytes(column.memtable_bytes) },
].map((each) => ({ ...each, sort: false }));

export function storePage() {
  const health = h("p", { class: "verdict", role: "status" });
  const facts = { bytes: fact("On disk"), memory: fact("In memory"), pending: fact("To be compacted"), free: fact("Free on the disk") };
  const list = table({ caption: "Column families", columns, keyOf: (column) => column.name });
  const journal = jsonView();
  const note = h("p", { class: "note" });
  const element = h("div", { class: "page" }, heading("Store"), health,
    h("section", { class: "panel", "aria-label": "figures" }, h("dl", { class: "facts" }, Object.values(facts).map((each) => each.element))),
    h("div", { class: "two" }, panel("Column families", {}, list.element), panel("Journal", {}, note, journal.element)));
  const sum = (rows, name) => rows.reduce((all, row) => all + (row[name] ?? 0), 0);
  return {
    title: "Store",
    element,
    watches: () => [{ key: "store", path: path("store") }],
    show(key, body) {
      const bad = body.read_only ? "The store takes no writes: it is read-only." : body.stalled ? "Writes are stalled: the disk does not keep up." : "";
      showState(health, bad ? { kind: "bad", text: bad, severe: true } : { kind: "good", text: "The store takes writes.", severe: false });
      facts.bytes.set(bytes(sum(body.columns, "bytes")));
      facts.memory.set(bytes(sum(body.columns, "memtable_bytes")));
      facts.pending.set(bytes(body.pending_compaction_bytes));
      facts.free.set(bytes(body.disk_free_bytes));
      list.update(body.columns);
      setText(note, "Writes wait for the journal's sync; its times are the floor of every turn.");
      journal.update(body.journal);
    },
  };
}
