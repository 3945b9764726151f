// A live list never moves under the pointer or the focus: what changed waits, counted, until it is reviewed or left.
const waiting = new WeakMap();

const panelOf = (list) => list.closest(".q-panel") ?? list;
// An open dialog gives the focus back when it closes: meanwhile nothing moves either.
const held = (list) => list.matches(":hover") || list.contains(document.activeElement) || document.querySelector("dialog[open]");
const rowsOf = (root) => new Map([...root.querySelectorAll("tr[id], li[id]")].map((row) => [row.id, row]));

// Clocks differ at every fetch: two rows are the same when their words without clocks are.
function words(row) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll(".q-k, .is-new, [data-gone-words]").forEach((each) => each.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function differences(list, fragment) {
  const before = rowsOf(list);
  const after = rowsOf(fragment);
  const gone = [...before.keys()].filter((id) => !after.has(id));
  const added = [...after.keys()].filter((id) => !before.has(id));
  const changed = [...after.keys()].filter((id) => before.has(id) && words(before.get(id)) !== words(after.get(id)));
  return { before, after, gone, added, changed };
}

// ---- what shows while the list is held

function strike(row, reason) {
  if (!row || row.classList.contains("is-gone")) return;
  row.classList.add("is-gone");
  const link = row.querySelector("a.q-row, [data-row-link]") ?? row.querySelector("td, th") ?? row;
  const struck = document.createElement("del");
  struck.append(...link.childNodes);
  link.replaceChildren(struck);
  const said = document.createElement("span");
  said.className = "q-13";
  said.dataset.goneWords = "";
  said.textContent = ` ${reason ?? "n’est plus dans la liste"}`;
  (link.closest("td, th") ?? row).append(said);
}

// A new P0 goes on top; what the person looks at stays where it is on the screen.
function enterNow(list, row) {
  const anchor = document.activeElement?.closest("tr, li") ?? list.querySelector("tr:hover, li:hover");
  const scroller = list.closest(".q-grow") ?? document.scrollingElement;
  const top = anchor?.getBoundingClientRect().top;
  const copy = document.importNode(row, true);
  const first = list.querySelector("tr[id], li[id]");
  if (first) first.before(copy);
  else list.querySelector("tbody, ul, ol")?.append(copy);
  window.htmx?.process(copy);
  if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - top;
}

function count(list, number) {
  const panel = panelOf(list);
  const words = number ? `${number} changement${number > 1 ? "s" : ""}` : "";
  const status = panel.querySelector("[data-review-count]");
  if (status && status.textContent !== words) status.textContent = words;
  panel.querySelector("[data-review-go]")?.toggleAttribute("hidden", !number);
}

function hold(list, ctx) {
  const fragment = document.createElement("template");
  fragment.innerHTML = ctx.text;
  const { before, after, gone, added, changed } = differences(list, fragment.content);
  const now = added.filter((id) => after.get(id).matches("[data-enter-now]"));
  const reasons = ctx.sourceEvent?.detail?.gone ?? {};
  gone.forEach((id) => strike(before.get(id), reasons[id]));
  now.forEach((id) => enterNow(list, after.get(id)));
  const number = gone.length + changed.length + added.length - now.length;
  if (number) waiting.set(list, ctx);
  else waiting.delete(list);
  count(list, number);
}

function release(list) {
  const ctx = waiting.get(list);
  if (!ctx) return;
  waiting.delete(list);
  const id = document.activeElement?.closest("tr[id], li[id]")?.id;
  count(list, 0);
  window.htmx.swap(ctx).then(() => {
    document.getElementById(id)?.querySelector("a.q-row, [data-row-link]")?.focus({ preventScroll: true });
  });
}

// ---- what has just come, for who does not look (sound.js)

const ELSEWHERE = /^g-(mine|taken|later)$/;
const told = new Map();

// Rows that wait for somebody: those one has oneself, or a colleague has, are no news.
function arrivals(root) {
  const group = (row) => row.closest("tbody")?.querySelector(".q-group")?.id ?? "";
  return [...rowsOf(root)].filter(([, row]) => !row.matches(".q-group") && !ELSEWHERE.test(group(row)));
}

function announce(list, ctx) {
  const fragment = document.createElement("template");
  fragment.innerHTML = ctx.text;
  const after = new Map(arrivals(fragment.content));
  const known = told.get(list.id) ?? new Set(arrivals(list).map(([id]) => id));
  const fresh = [...after].filter(([id]) => !known.has(id));
  told.set(list.id, new Set(after.keys()));
  if (!fresh.length) return;
  const p0 = fresh.some(([, row]) => row.matches("[data-enter-now]"));
  document.dispatchEvent(new CustomEvent("q:arrived", { detail: { p0 } }));
}

// ---- when

// Only what the live link asked for waits; what the person asked for is shown at once.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const list = ctx.sourceElement;
  if (list?.matches?.("[data-rings]") && ctx.response.status < 300) announce(list, ctx);
  if (!list?.matches?.("[data-live-list]") || !ctx.sourceEvent?.type?.startsWith("live:")) return;
  if (ctx.response.status >= 400 || !held(list)) return void count(list, 0);
  event.preventDefault();
  hold(list, ctx);
});

document.addEventListener("click", (event) => {
  const go = event.target.closest("[data-review-go]");
  if (go) panelOf(go).querySelectorAll("[data-live-list]").forEach(release);
});

function left(event) {
  const list = event.target.closest?.("[data-live-list]");
  if (!list || list.contains(event.relatedTarget)) return;
  // Let the focus and the pointer settle: leaving by one may be entering by the other.
  setTimeout(() => list.isConnected && !held(list) && release(list));
}
document.addEventListener("focusout", left);
document.addEventListener("mouseout", left);
