// A list of elements that follows a list of items, each element staying with its
// item. The element that has the focus or the text selection is never moved,
// since moving takes both away: the others are moved around it.

/**
 * `key(item)` names an item; `create(item)` makes {node, apply(item)}.
 * update(items) adds, removes, reorders and applies.
 */
export function keyedList(parent, { key, create }) {
  let entries = new Map();

  function holder(node) {
    let at = node;
    while (at && at.parentNode !== parent) at = at.parentNode;
    return at;
  }

  function pinned() {
    const focused = holder(document.activeElement);
    if (focused) return focused;
    const selection = document.getSelection();
    return selection && !selection.isCollapsed ? holder(selection.anchorNode) : null;
  }

  function place(nodes, from) {
    let cursor = from;
    for (const node of nodes) {
      if (node === cursor) {
        cursor = cursor.nextSibling;
      } else if (cursor && cursor.nextSibling === node) {
        parent.append(cursor);  // one went down: move it alone, not all that come before it
        cursor = node.nextSibling;
      } else {
        parent.insertBefore(node, cursor);
      }
    }
    return cursor;
  }

  function arrange(nodes) {
    const fixed = pinned();
    const middle = nodes.indexOf(fixed);
    if (middle < 0) {
      place(nodes, parent.firstChild);
      return;
    }
    let cursor = parent.firstChild;
    for (const node of nodes.slice(0, middle)) {
      if (node === cursor) cursor = cursor.nextSibling;
      else parent.insertBefore(node, cursor);
    }
    while (cursor !== fixed) {
      const next = cursor.nextSibling;
      parent.append(cursor);
      cursor = next;
    }
    place(nodes.slice(middle + 1), fixed.nextSibling);
  }

  return {
    update(items) {
      const next = new Map();
      for (const item of items) {
        const id = key(item);
        if (next.has(id)) continue;
        const entry = entries.get(id) ?? create(item);
        entry.apply(item);
        next.set(id, entry);
      }
      let lostFocusAt = -1;
      for (const [id, entry] of entries) {
        if (next.has(id)) continue;
        if (entry.node.contains(document.activeElement)) lostFocusAt = [...parent.children].indexOf(entry.node);
        entry.node.remove();
      }
      entries = next;
      arrange([...next.values()].map((entry) => entry.node));
      if (lostFocusAt >= 0) {
        const heir = parent.children[Math.min(lostFocusAt, parent.children.length - 1)];
        heir?.querySelector(".row-link")?.focus({ preventScroll: true });
      }
    },
    get size() {
      return entries.size;
    },
  };
}
