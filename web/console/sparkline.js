// A small chart of the last two minutes: its shape, its last value, its highest.

import { setAttribute, svg } from "./dom.js";

const width = 120;
const height = 30;

/** say(value) -> {text}: how a value of this chart is written. */
export function sparkline(label, say) {
  const area = svg("path", { class: "area" });
  const line = svg("path", { class: "line" });
  const title = svg("title");
  const element = svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" },
    title, area, line);
  return {
    element,
    update(values) {
      const points = Array.isArray(values) ? values : [];
      const known = points.filter((each) => Number.isFinite(each));
      const highest = Math.max(...known, 0);
      const text = known.length === 0 ? `${label}: nothing yet`
        : `${label}, last ${points.length} s: now ${say(known.at(-1)).text}, at most ${say(highest).text}`;
      if (title.textContent !== text) title.textContent = text;
      setAttribute(element, "aria-label", text);
      const { stroke, filled } = trace(points, highest || 1);
      setAttribute(line, "d", stroke);
      setAttribute(area, "d", filled);
    },
  };
}

/** Newest at the right edge; a point that is not known breaks the line. */
function trace(points, highest) {
  const step = width / Math.max(points.length - 1, 1);
  let stroke = "";
  let filled = "";
  let start = -1;
  const end = (index) => {
    if (start < 0) return;
    filled += `L${((index - 1) * step).toFixed(1)} ${height}L${(start * step).toFixed(1)} ${height}Z`;
    start = -1;
  };
  points.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      end(index);
      return;
    }
    const at = `${(index * step).toFixed(1)} ${(height - 1.5 - (value / highest) * (height - 4)).toFixed(1)}`;
    stroke += (start < 0 ? "M" : "L") + at;
    filled += (start < 0 ? "M" : "L") + at;
    if (start < 0) start = index;
  });
  end(points.length);
  return { stroke, filled };
}
