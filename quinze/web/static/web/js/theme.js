// Light or dark, kept in a cookie so that the server renders the right one at once.
const YEAR = 31536000;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const root = document.documentElement;
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  document.cookie = `q_theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
});

// The account menu closes when one leaves it, and on Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.q-menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("button, a")) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.q-menu[open]");
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});
