// Alt ↓, Alt ↑: next and previous row of a list; Alt Entrée opens it. The row's link has the focus.
const LINK = "a.q-row, [data-row-link]";

const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

function table() {
  const own = document.activeElement?.closest("[data-rows]");
  const panel = document.activeElement?.closest(".q-panel")?.querySelector("[data-rows]");
  return own ?? panel ?? [...document.querySelectorAll("main [data-rows]")].find(visible);
}

const links = (list) => [...list.querySelectorAll(LINK)].filter((link) => visible(link) && !link.closest(".is-gone"));

function position(all) {
  const focused = all.findIndex((link) => link.closest("tr, li")?.contains(document.activeElement));
  if (focused >= 0) return focused;
  return all.findIndex((link) => link.closest('.is-sel, [aria-current="true"]'));
}

function move(list, step) {
  const all = links(list);
  if (!all.length) return;
  const here = position(all);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
  all[next].focus();
  all[next].closest("tr, li")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.defaultPrevented) return;
  if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
  const list = table();
  if (!list) return;
  event.preventDefault();
  if (event.key !== "Enter") return move(list, event.key === "ArrowDown" ? 1 : -1);
  const all = links(list);
  return all[position(all)]?.click();
});
