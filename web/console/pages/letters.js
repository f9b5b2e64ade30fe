// Messages that nobody took, and why.

import { path } from "../api.js";
import { h, heading, setText } from "../dom.js";
import { count, plain, time } from "../format.js";
import { href } from "../router.js";
import { table } from "../table.js";

const kinds = { unexpected: "the actor knows no such message", shed: "its mailbox was full", ended: "the actor had ended", stray_error: "an error that nobody asked for" };

const columns = [
  { key: "at", title: "At", width: 20, value: (letter) => time(letter.at) },
  { key: "actor", title: "Actor", width: 16, href: (letter) => href("actors", letter.actor),
    value: (letter) => ({ text: `${letter.role || "actor"} ${letter.actor}`, title: "" }) },
  { key: "kind", title: "Why", width: 14, value: (letter) => ({ text: letter.kind, title: kinds[letter.kind] ?? "" }) },
  { key: "message", title: "Message", width: 24, wide: true, value: (letter) => plain(letter.message) },
  { key: "sender", title: "From", width: 10, numeric: true, value: (letter) => plain(letter.sender) },
].map((each) => ({ ...each, sort: false }));

export function lettersPage() {
  const note = h("p", { class: "note" });
  const list = table({ caption: "Dead letters, newest first", columns, keyOf: (letter) => letter.key, empty: "every message was taken" });
  const element = h("div", { class: "page" }, heading("Dead letters"), note, list.element);
  return {
    title: "Dead letters",
    element,
    watches: () => [{ key: "letters", path: path("dead_letters") }],
    show(key, body) {
      setText(note, `${count(body.total).text} since the server started; shown are the last ${count(body.letters.length).text}.`);
      const letters = body.letters.map((letter, index) => ({ ...letter, key: `${letter.at} ${letter.actor} ${letter.message} ${letter.sender} ${index}` }));
      list.update(letters.sort((a, b) => b.at - a.at));
    },
  };
}
