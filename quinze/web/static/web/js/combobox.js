// A text field whose suggestions open in place, sent by the server as options. Free text is always kept.
const DELAY = 120;
const timers = new WeakMap();
const calls = new WeakMap();
const FILL = "data-fill-";

const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
const optionsOf = (input) => [...listOf(input).querySelectorAll('[role="option"]')];
const statusOf = (input) => document.querySelector(`[data-combobox-status="${CSS.escape(input.getAttribute("aria-controls"))}"]`);
const active = (input) => document.getElementById(input.getAttribute("aria-activedescendant"));

function say(input, words) {
  const status = statusOf(input);
  if (status && status.textContent !== words) status.textContent = words;
}

function close(input) {
  const list = listOf(input);
  list.hidden = true;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function activate(input, option) {
  for (const each of optionsOf(input)) each.setAttribute("aria-selected", String(each === option));
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  return option.scrollIntoView({ block: "nearest" });
}

function query(input) {
  const url = new URL(input.dataset.url, location.href);
  url.searchParams.set("q", input.value.trim());
  for (const name of (input.dataset.include ?? "").split(" ").filter(Boolean)) {
    url.searchParams.set(name, input.form?.elements[name]?.value ?? "");
  }
  return url;
}

async function search(input) {
  calls.get(input)?.abort();
  const call = new AbortController();
  calls.set(input, call);
  try {
    const response = await fetch(query(input), { signal: call.signal, headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    show(input, await response.text());
  } catch (error) {
    if (error.name === "AbortError") return;
    close(input);
    say(input, "Recherche indisponible. Le texte saisi est gardé.");
  }
}

function show(input, html) {
  if (document.activeElement !== input) return;
  const list = listOf(input);
  list.innerHTML = html;
  const options = optionsOf(input);
  options.forEach((option, rank) => (option.id ||= `${list.id}_${rank}`));
  const stated = list.querySelector("[data-status]")?.dataset.status;
  list.hidden = !options.length;
  input.setAttribute("aria-expanded", String(options.length > 0));
  activate(input, options[0]);
  say(input, stated ?? (options.length ? `${options.length} proposition${options.length > 1 ? "s" : ""}` : "Aucune proposition, le texte libre est gardé."));
}

function setField(input, name, value) {
  const field = input.form?.elements[name];
  if (!field || field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// What the last choice filled is no longer true once the text changes.
function forget(input) {
  for (const name of (input.dataset.filled ?? input.dataset.fills ?? "").split(" ").filter(Boolean)) setField(input, name, "");
  delete input.dataset.filled;
}

function pick(input, option) {
  const fills = option.getAttributeNames().filter((name) => name.startsWith(FILL));
  input.value = option.dataset.label ?? option.textContent.trim();
  for (const name of fills) setField(input, name.slice(FILL.length), option.getAttribute(name));
  input.dataset.filled = fills.map((name) => name.slice(FILL.length)).join(" ");
  say(input, `${input.value}, choisi`);
  close(input);
  input.dispatchEvent(new CustomEvent("q:picked", { bubbles: true, detail: { ...option.dataset } }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function step(input, by) {
  const options = optionsOf(input);
  const next = options.indexOf(active(input)) + by;
  activate(input, options[(next + options.length) % options.length]);
}

function onInput(input) {
  forget(input);
  clearTimeout(timers.get(input));
  const least = Number(input.dataset.min ?? 2);
  if (input.value.trim().length < least) {
    calls.get(input)?.abort();
    say(input, "");
    return close(input);
  }
  return timers.set(input, setTimeout(() => search(input), DELAY));
}

const moves = {
  ArrowDown: (input) => (listOf(input).hidden ? search(input) : step(input, 1)),
  ArrowUp: (input) => !listOf(input).hidden && step(input, -1),
  Enter: (input) => active(input) && pick(input, active(input)),
  Escape: (input) => {
    if (listOf(input).hidden) return false;
    close(input);
    return say(input, "Texte libre gardé");
  },
};

document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[data-combobox]");
  const move = input && !event.altKey && !event.ctrlKey && !event.shiftKey && moves[event.key];
  if (!move || event.isComposing) return;
  const open = !listOf(input).hidden;
  if (!open && event.key !== "ArrowDown") return;
  event.preventDefault();
  move(input);
}, true);

document.addEventListener("input", (event) => event.isTrusted && event.target.matches?.("[data-combobox]") && onInput(event.target));
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.('[data-combobox][data-min="0"]') && !event.target.value) search(event.target);
});
document.addEventListener("focusout", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-combobox]")) return;
  clearTimeout(timers.get(input));
  calls.get(input)?.abort();
  close(input);
});
// The field keeps the focus while an option is clicked.
document.addEventListener("mousedown", (event) => event.target.closest('[role="option"]') && event.preventDefault());
document.addEventListener("click", (event) => {
  const option = event.target.closest('[role="option"]');
  const list = option?.closest('[role="listbox"]');
  const input = list && document.querySelector(`[data-combobox][aria-controls="${CSS.escape(list.id)}"]`);
  if (input) pick(input, option);
});
