// The figures of one actor, three of them with their course since the page was opened.

import { fact, h } from "./dom.js";
import { bytes, count, microseconds, milliseconds, plain, rate, share } from "./format.js";
import { sparkline } from "./sparkline.js";

const points = 120;

export function actorFacts() {
  const charts = { mailbox: chart("Mailbox", count), messages_per_second: chart("Msg/s", rate), busy_share: chart("Busy", share) };
  const facts = {
    oldest_ms: [fact("Oldest message", "how long the oldest message waits"), milliseconds],
    busy_ms: [fact("In a handler for"), milliseconds],
    p50_us: [fact("Handling p50"), microseconds],
    p99_us: [fact("Handling p99"), microseconds],
    handled: [fact("Handled"), count],
    memory_bytes: [fact("Memory", "estimate"), bytes],
    tokens_in: [fact("Tokens in"), count],
    tokens_out: [fact("Tokens out"), count],
    restarts: [fact("Restarts"), count],
    shed: [fact("Shed", "messages refused because the mailbox was full"), count],
    last_message: [fact("Last message"), plain],
    last_error: [fact("Last error"), plain],
  };
  const element = h("section", { class: "panel actor-facts", "aria-label": "figures" },
    h("div", { class: "charts" }, Object.values(charts).map((each) => each.element)),
    h("dl", { class: "facts" }, Object.values(facts).map(([one]) => one.element)));
  return {
    element,
    update(row) {
      for (const [name, one] of Object.entries(charts)) one.add(row[name]);
      for (const [name, [one, say]] of Object.entries(facts)) one.set(say(row[name]));
    },
  };
}

function chart(label, say) {
  const line = sparkline(label, say);
  const now = fact(label);
  const values = [];
  return {
    element: h("div", { class: "chart" }, h("dl", {}, now.element), line.element),
    add(value) {
      values.push(value);
      if (values.length > points) values.shift();
      now.set(say(value));
      line.update(values);
    },
  };
}
