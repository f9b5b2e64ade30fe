// A table that is updated in place: rows stay with their key, cells are written
// only where they differ. Sorting is asked of the server.

import { h, setAttribute, setClass, setText } from "./dom.js";
import { keyedList } from "./keyed.js";

/**
 * A column is {key, title, help, width (in ch), numeric, sort (false: cannot)}
 * and either value(row) -> {text, title, className} or fill(cell, row).
 * The column with `href(row)` holds the row's link, which opens it.
 */
export function table({ columns, caption, keyOf, onSort, empty = "nothing", rowClass, role }) {
  const heads = columns.map((column) => head(column, onSort));
  const body = h("tbody");
  const nothing = h("p", { class: "empty", hidden: true }, empty);
  const sheet = h("table", { role: role ?? null },
    h("caption", { class: "unseen" }, caption),
    h("colgroup", {}, columns.map(widthOf)),
    h("thead", {}, h("tr", {}, heads)), body);
  // Fixed columns: a number that grows moves nothing beside it.
  const width = columns.reduce((sum, each) => sum + each.width, 0);
  sheet.style.minWidth = `calc(${width}ch + ${2 * columns.length} * var(--cell-padding))`;
  const element = h("div", { class: "table" }, h("div", { class: "scroller", tabindex: "-1" }, sheet), nothing);
  body.addEventListener("click", openRow);

  const list = keyedList(body, { key: keyOf, create: () => createRow(columns, rowClass) });
  return {
    element,
    update(rows, { sort, order } = {}) {
      list.update(rows);
      nothing.hidden = rows.length > 0;
      columns.forEach((column, index) => {
        const sorted = column.key === sort ? (order === "asc" ? "ascending" : "descending") : null;
        setAttribute(heads[index], "aria-sort", sorted);
      });
    },
    say(text) {
      setText(nothing, text);
    },
  };
}

function widthOf(column) {
  const element = h("col");
  if (!column.wide) element.style.width = `calc(${column.width}ch + 2 * var(--cell-padding))`;
  return element;
}

function head(column, onSort) {
  const attributes = { scope: "col", class: column.numeric ? "number" : null, title: column.help };
  if (!onSort || column.sort === false) return h("th", attributes, column.title);
  return h("th", attributes, h("button", { type: "button", class: "sort", on: {
    click: () => onSort(column.key, column.numeric ? "desc" : "asc"),
  } }, h("span", {}, column.title)));
}

function createRow(columns, rowClass) {
  const cells = columns.map((column) => h(column.href ? "th" : "td",
    { class: column.numeric ? "number" : null, scope: column.href ? "row" : null }));
  const node = h("tr", {}, cells);
  const links = columns.map((column, index) => {
    if (!column.href) return null;
    const link = h("a", { class: "row-link" });
    cells[index].append(link);
    return link;
  });
  return {
    node,
    apply(row) {
      if (rowClass) setClass(node, rowClass(row));
      columns.forEach((column, index) => {
        if (links[index]) setAttribute(links[index], "href", column.href(row));
        if (column.fill) {
          column.fill(cells[index], row, links[index]);
          return;
        }
        const shown = column.value(row);
        setText(links[index] ?? cells[index], shown.text, shown.title ?? "");
        if (shown.className !== undefined) setClass(cells[index], `${column.numeric ? "number " : ""}${shown.className}`);
      });
    },
  };
}

/** A click anywhere in a row opens it, unless it was for something else. */
function openRow(event) {
  if (event.defaultPrevented || event.target.closest("a, button, input, select, label")) return;
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed) return;
  const link = event.target.closest("tr")?.querySelector(".row-link");
  if (!link) return;
  if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
  else link.click();
}

const narrow = { label: 12, state: 12, turn: 10, started_at: 9, duration_ms: 9, role: 10, model: 12, error: 12 };

/** Columns for a small table that stands beside others, and fits a phone. */
export function besideOthers(columns) {
  return columns.map((each) => ({ ...each, sort: false, width: Math.min(each.width, narrow[each.key] ?? each.width) }));
}

/** The other order for the column that is sorted by, else the column's own first. */
export function nextOrder(query, key, first, now) {
  const sort = query.get("sort") ?? now.sort;
  const order = query.get("order") ?? now.order;
  if (sort !== key) return { sort: key, order: first, offset: "" };
  return { sort: key, order: order === "desc" ? "asc" : "desc", offset: "" };
}
