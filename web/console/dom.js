// Making and changing elements. Text only ever goes in as text: what an actor or
// a client is called can be anything, markup too.

const svgSpace = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((each) => each !== undefined && each !== null && each !== false));
  return element;
}

/** An HTML element: h("p", {class: "note"}, "text", otherElement). */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgSpace, tag), attributes, children);
}

/** Writes only what differs: an untouched node keeps selection and costs no layout. */
export function setText(element, text, title) {
  if (element.textContent !== text) element.textContent = text;
  if (title !== undefined) setAttribute(element, "title", title);
}

export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === "") {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

export function setClass(element, name) {
  if (element.className !== name) element.className = name;
}

/** A titled part of a page; `more` is a link to the whole list. */
export function panel(title, { more, moreText = "all", className = "" } = {}, ...children) {
  return h("section", { class: `panel ${className}`, "aria-label": title },
    h("header", { class: "panel-head" }, h("h2", {}, title),
      more && h("a", { class: "more", href: more, "aria-label": `${title}: ${moreText}` }, moreText)),
    ...children);
}

/** Label and value, of which only the value changes. */
export function fact(label, help) {
  const value = h("dd", {}, "–");
  return {
    element: h("div", { class: "fact", title: help }, h("dt", {}, label), value),
    value,
    set(shown) {
      setText(value, shown.text, shown.title ?? "");
      setClass(value, shown.className ?? "");
    },
  };
}

/** A heading for the page that takes the focus when the page is opened. */
export function heading(...children) {
  return h("h1", { tabindex: "-1", id: "main-content" }, ...children);
}

/** Calls `action` once nothing has called for `milliseconds`. */
export function settled(action, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}
