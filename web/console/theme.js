// Dark, light, or as the system has it. The choice stays in this browser.

const name = "troupe-theme";
const order = ["system", "dark", "light"];

export function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

export function nextTheme() {
  const next = order[(order.indexOf(theme()) + 1) % order.length];
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(name, next);
  } catch {
    // Lasts until the page is left.
  }
  return next;
}
