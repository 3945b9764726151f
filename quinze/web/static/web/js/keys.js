// Keys are declared in the page: data-key="F9" on the control it fires. Nothing is hidden from F1.
const FRENCH = { Shift: "Maj", Enter: "Entrée", Escape: "Échap", ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→" };
const TEXT = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"]), textarea, select, [contenteditable="true"]';
const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled], [type="hidden"]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex="0"]';
const PANELS = "[data-panel], .q-panel, .q-hold";
const help = document.getElementById("q-help");

const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
const usable = (element) => visible(element) && !element.disabled && element.getAttribute("aria-disabled") !== "true";
const french = (combination) => combination.split("+").map((part) => FRENCH[part] ?? part).join(" ");

function combination(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shifted = event.shiftKey && event.key.length > 1;
  return [event.ctrlKey && "Ctrl", event.altKey && "Alt", shifted && "Shift", key].filter(Boolean).join("+");
}

const isPlain = (pressed) => !/^(F\d|Ctrl\+|Alt\+|Shift\+F|Escape)/.test(pressed);

// The dialog on top, then the panel of the focus, then the page. A digit is the key, whatever AZERTY writes with it.
function candidates(pressed, code) {
  const layer = document.querySelector("dialog[open]") ?? document;
  const names = [pressed.toUpperCase(), isPlain(pressed) ? code.replace(/^(Digit|Numpad)(?=\d$)/, "") : ""];
  const all = [...layer.querySelectorAll("[data-key]")].filter((each) => names.includes(each.dataset.key.toUpperCase()));
  const panel = document.activeElement?.closest(PANELS);
  return all.filter(usable).sort((a, b) => Boolean(panel?.contains(b)) - Boolean(panel?.contains(a)));
}

function plainAllowed(element, pressed) {
  const active = document.activeElement;
  if (active?.matches(TEXT)) return false;
  if (pressed === "Enter" && active?.matches(FOCUSABLE) && active !== element && !active.matches('[tabindex="0"]')) return false;
  return Boolean(element.closest("[data-key-scope]")?.contains(active));
}

function fire(element) {
  if (element.matches("button, a[href], summary, [role=button], input[type=radio], input[type=checkbox], input[type=submit]")) {
    if (element.matches("input")) element.focus();
    return element.click();
  }
  const target = element.matches(`${FOCUSABLE}, [tabindex]`) ? element : element.querySelector(FOCUSABLE);
  target?.focus();
  return target?.select?.();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const pressed = combination(event);
  if (pressed === "F1" || (pressed === "?" && !document.activeElement?.matches(TEXT))) return toggleHelp(event);
  if (/^(Shift\+)?F6$/.test(pressed)) return movePanel(event, pressed === "F6" ? 1 : -1);
  const found = candidates(pressed, event.code).find((each) => !isPlain(pressed) || plainAllowed(each, pressed));
  if (!found) return undefined;
  event.preventDefault();
  return fire(found);
}

// ---- F6: panels, returning to where one was in each

const lastFocus = new WeakMap();
document.addEventListener("focusin", (event) => {
  const panel = outerPanel(event.target);
  if (panel) lastFocus.set(panel, event.target);
});

function outerPanel(element) {
  let panel = element.closest?.(PANELS) ?? null;
  while (panel?.parentElement?.closest(PANELS)) panel = panel.parentElement.closest(PANELS);
  return panel;
}

function movePanel(event, step) {
  const panels = [...document.querySelectorAll("main " + PANELS.split(", ").join(", main "))].filter(
    (each) => visible(each) && outerPanel(each) === each,
  );
  if (!panels.length) return;
  event.preventDefault();
  const here = panels.indexOf(outerPanel(document.activeElement));
  const next = here < 0 && step < 0 ? panels.length - 1 : (here + step + panels.length) % panels.length;
  const kept = lastFocus.get(panels[next]);
  const target = kept?.isConnected && usable(kept) ? kept : [...panels[next].querySelectorAll(FOCUSABLE)].find(usable);
  if (!target) panels[next].tabIndex = -1;
  (target ?? panels[next]).focus();
}

// ---- F1, or « ? » outside a field: the keys of this page, read from the page itself

function rowsOfHelp() {
  const known = new Map();
  for (const element of document.querySelectorAll("main [data-key], header [data-key]")) {
    if (!visible(element) || known.has(element.dataset.key)) continue;
    known.set(element.dataset.key, element.dataset.keyLabel ?? labelOf(element));
  }
  return [...known].sort(([a], [b]) => rank(a) - rank(b));
}

// F1 to F12, each followed by its Maj, then the rest as it comes in the page.
function rank(key) {
  const [, shift, number] = /^(Shift\+)?F(\d+)$/.exec(key) ?? [];
  return number ? Number(number) * 2 + (shift ? 1 : 0) : 100;
}

function labelOf(element) {
  if (element.labels?.length) return labelOf(element.labels[0]);
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg, .q-p").forEach((each) => each.remove());
  return (element.getAttribute("aria-label") ?? copy.textContent).replace(/\s+/g, " ").trim().slice(0, 80);
}

function fillHelp() {
  const body = help.querySelector("[data-help-rows]");
  body.querySelectorAll("[data-added]").forEach((row) => row.remove());
  for (const [key, label] of rowsOfHelp()) {
    const row = body.insertRow();
    row.dataset.added = "";
    const cap = document.createElement("kbd");
    cap.textContent = french(key);
    row.insertCell().append(cap);
    row.insertCell().textContent = label;
  }
}

function toggleHelp(event) {
  event?.preventDefault();
  if (!help) return;
  if (help.open) return help.close();
  fillHelp();
  help.showModal();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => event.target.closest("[data-help-open]") && toggleHelp());
help?.addEventListener("click", (event) => event.target === help && help.close());
