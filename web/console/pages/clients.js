// Who is connected, and how much waits for them.

import { path, segment } from "../api.js";
import { actButton } from "../acts.js";
import { pager, searchField } from "../controls.js";
import { h, heading, setAttribute, setText } from "../dom.js";
import { age, bytes, count, plain } from "../format.js";
import { current, href } from "../router.js";
import { table } from "../table.js";
import { shortId } from "../turn_columns.js";

const limit = 100;
const heldBack = 65536;  // bytes queued for a client that reads slowly

export function clientsPage({ me }) {
  const search = searchField("Search client, principal, peer");
  const pages = pager(limit);
  const columns = [
    { key: "id", title: "Client", width: 16, wide: true, href: (client) => href("actors", client.actor), value: (client) => plain(client.id) },
    { key: "principal", title: "Principal", width: 16, value: (client) => plain(client.principal) },
    { key: "dialect", title: "Dialect", width: 9, value: (client) => plain(client.dialect) },
    { key: "peer", title: "Peer", width: 20, value: (client) => plain(client.peer) },
    { key: "since", title: "For", width: 12, numeric: true, value: (client) => age(client.since) },
    { key: "queued_bytes", title: "Queued", width: 9, numeric: true, help: "bytes that wait to be sent",
      value: (client) => ({ ...bytes(client.queued_bytes), className: client.queued_bytes >= heldBack ? "severe" : "" }) },
    { key: "frames_in", title: "Frames in", width: 9, numeric: true, value: (client) => count(client.frames_in) },
    { key: "turns", title: "Turns", width: 8, numeric: true, fill: fillTurns },
    { key: "session", title: "Session", width: 12, value: (client) => ({ ...plain(client.session), text: shortId(client.session) || "–" }) },
    me.scopes.includes("act") && { key: "act", title: "Act", width: 15, fill: fillAct },
  ].filter(Boolean).map((each) => ({ ...each, sort: false }));
  const list = table({ caption: "Clients", columns, keyOf: (client) => client.id, empty: "no client matches",
    rowClass: (client) => (client.queued_bytes >= heldBack ? "stuck" : "") });
  const element = h("div", { class: "page" }, heading("Clients"),
    h("div", { class: "toolbar", role: "search" }, search.element, pages.element), list.element);

  function fillTurns(cell, client) {
    if (!cell.firstElementChild) cell.append(h("a"));
    setText(cell.firstElementChild, count(client.turns).text, "its turns");
    setAttribute(cell.firstElementChild, "href", href("turns", "", { client: client.id }));
  }

  function fillAct(cell, client) {
    if (cell.firstElementChild) return;  // the row keeps its client
    cell.append(actButton(me, { text: "Disconnect…", label: `disconnect ${client.id}`, danger: true, done: "Disconnected",
      path: () => path(`clients/${segment(client.id)}/disconnect`),
      question: () => ({ title: `Disconnect ${client.id}?`, text: `${client.principal || "A client"} at ${client.peer}: its connection is closed; most clients connect again by themselves.`, yes: "Disconnect" }) }));
  }

  return {
    title: "Clients",
    element,
    route({ query }) {
      search.follow(query);
    },
    watches: ({ query }) => [{ key: "clients", path: path("clients", { q: query.get("q"), offset: query.get("offset"), limit }) }],
    show(key, body) {
      list.update(body.clients);
      pages.update(body, Number(current().query.get("offset") ?? 0), body.clients.length);
    },
  };
}
