// Routes are in the hash: #/actors?sort=mailbox, #/actors/42.

export function current() {
  const text = location.hash.startsWith("#/") ? location.hash.slice(2) : "";
  const mark = text.indexOf("?");
  const parts = (mark < 0 ? text : text.slice(0, mark)).split("/").filter(Boolean).map(decoded);
  return { page: parts[0] ?? "overview", id: parts[1] ?? "", query: new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)) };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;  // a hash that somebody typed
  }
}

export function href(page, id = "", query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given).toString();
  return `#/${page}${id === "" ? "" : `/${encodeURIComponent(id)}`}${text ? `?${text}` : ""}`;
}

export function go(to) {
  location.hash = to;
}

/** Changes parts of the query. Typing replaces the entry in the history, choosing adds one. */
export function changeQuery(changes, { replace = false } = {}) {
  const route = current();
  const query = { ...Object.fromEntries(route.query), ...changes };
  const to = href(route.page, route.id, query);
  if (to === location.hash) return;
  if (replace) {
    history.replaceState(null, "", to);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    go(to);
  }
}
