// Search fields, choices and the pager of the lists. What they hold is in the
// address, so that a list can be linked to and "back" goes back.

import { h, setAttribute, setText, settled } from "./dom.js";
import { count } from "./format.js";
import { changeQuery, current } from "./router.js";

export function searchField(label, name = "q") {
  const input = h("input", { type: "search", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false",
    maxlength: "200", "data-search": name === "q" });
  const ask = settled(() => changeQuery({ [name]: input.value, offset: "" }, { replace: true }), 150);
  input.addEventListener("input", ask);
  return {
    element: input,
    follow(query) {
      const value = query.get(name) ?? "";
      // Not while somebody types: the address comes after the keys.
      if (document.activeElement !== input && input.value !== value) input.value = value;
    },
  };
}

/** options: [[value, text]]. The first is the one that stands for no parameter. */
export function choice(label, name, options) {
  const select = h("select", { "aria-label": label, title: label, on: {
    change: () => changeQuery({ [name]: select.value, offset: "" }),
  } });
  let offered = "";
  const control = {
    element: select,
    offer(list) {
      const text = JSON.stringify(list);
      if (text === offered || document.activeElement === select && offered !== "" && sameValues(select, list)) return;
      offered = text;
      const value = select.value || current().query.get(name) || "";
      select.replaceChildren(...list.map(([each, shown]) => h("option", { value: each }, shown)));
      select.value = value;
    },
    follow(query) {
      const value = query.get(name) ?? "";
      if (![...select.options].some((each) => each.value === value)) select.append(h("option", { value }, value));
      if (select.value !== value) select.value = value;
    },
  };
  control.offer(options);
  return control;
}

function sameValues(select, list) {
  return select.options.length === list.length && list.every(([value], index) => select.options[index].value === value);
}

/** Links to the pages of a list, and how much of it is shown. */
export function pager(limit) {
  const text = h("span", { class: "pager-text" });
  const before = h("button", { type: "button", "data-page": "before", "aria-label": "page before" }, "‹");
  const after = h("button", { type: "button", "data-page": "after", "aria-label": "page after" }, "›");
  let offset = 0;
  before.addEventListener("click", () => changeQuery({ offset: Math.max(0, offset - limit) || "" }));
  after.addEventListener("click", () => changeQuery({ offset: offset + limit }));
  return {
    element: h("nav", { class: "pager", "aria-label": "pages" }, before, text, after),
    update({ matching, total, cost_us }, at, shown) {
      offset = at;
      const range = shown === 0 ? "none" : `${count(at + 1).title}–${count(at + shown).title}`;
      const of = matching === total ? count(total).title : `${count(matching).title} (${count(total).title} in all)`;
      setText(text, `${range} of ${of}`, cost_us === undefined ? "" : `this look cost the server ${(cost_us / 1000).toFixed(1)} ms`);
      setAttribute(before, "disabled", at > 0 ? null : "disabled");
      setAttribute(after, "disabled", at + shown < matching ? null : "disabled");
    },
  };
}
