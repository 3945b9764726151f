// One event stream per browser: the tab that holds the lock reads it and tells the others.
// Each topic becomes "live:<topic>" on the body; after a lost link "live:resync" makes every fragment refetch.
const url = document.querySelector('meta[name="q-events"]')?.content;
const PATIENCE = 5000;
const RETRY = 3000;
const SILENCE = 45000;
const SPREAD = 250;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("q-live") : null;

let lostAt = 0;
let shown = false;
let lastSeen = 0;
let lastId = "";
let pings = false;
let linked = false;

const emit = (name, detail) => document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

// Thirty desks do not all ask again in the same instant; a vital emergency waits for nothing.
function deliver(message) {
  const topics = message.topics ?? [];
  const tell = () => topics.forEach((topic) => emit(topic, message));
  if (topics.includes("p0")) tell();
  else setTimeout(tell, Math.random() * SPREAD);
}

// ---- what the person sees

const clock = (at) => new Date(at + zone() + Number(document.documentElement.dataset.qOffset ?? 0)).toISOString().slice(11, 19);

function zone() {
  return Number(document.querySelector("[data-q-time]")?.dataset.zone ?? -new Date().getTimezoneOffset() * 60000);
}

function since(at) {
  const seconds = Math.round((Date.now() - at) / 1000);
  return seconds < 100 ? `depuis ${seconds} s` : `depuis ${Math.floor(seconds / 60)} min`;
}

function marks() {
  return document.querySelectorAll("[data-q-live], [data-q-live-main]");
}

function paintLost() {
  if (!lostAt || Date.now() - lostAt < PATIENCE) return;
  for (const mark of marks()) {
    mark.classList.add("q-live-off");
    const main = mark.matches("[data-q-live-main]");
    const words = mark.querySelector("[data-q-live-words]") ?? mark;
    mark.dataset.words ??= words.innerHTML;
    if (!main || !shown) words.textContent = main ? "Reconnexion…" : since(lostAt);
  }
  if (!shown) note("warn", `Vous voyez la page de ${clock(lostAt)}.`, "Reconnexion en cours. Ce que vous tapez est gardé sur ce poste.");
  shown = true;
}

// While the link is up, what is shown is what is: the second beside the list is the present one.
function paintTime() {
  const words = clock(Date.now());
  for (const time of document.querySelectorAll("[data-q-live] .q-num")) time.textContent = words;
}

function paint() {
  if (lostAt) paintLost();
  else if (linked) paintTime();
}

function paintBack() {
  for (const mark of marks()) {
    mark.classList.remove("q-live-off");
    const words = mark.querySelector("[data-q-live-words]") ?? mark;
    if (mark.dataset.words !== undefined) words.innerHTML = mark.dataset.words;
    delete mark.dataset.words;
  }
  if (shown) note("ok", `Rattrapé à ${clock(Date.now())}.`, "Les listes sont à jour.");
  shown = false;
}

function note(kind, title, text) {
  document.dispatchEvent(new CustomEvent("q:toast", { detail: { kind, title, text } }));
}

// What begins or ends at an hour known beforehand is read again then. Desks do not all ask in the same second.
function ripen() {
  const now = Date.now() + Number(document.documentElement.dataset.qOffset ?? 0);
  for (const each of document.querySelectorAll("[data-live-at]")) {
    if (Date.parse(each.dataset.liveAt) > now) continue;
    const topic = each.dataset.liveTopic;
    delete each.dataset.liveAt;
    setTimeout(() => emit(topic, {}), Math.random() * RETRY);
  }
}

// ---- the link

function lost() {
  lostAt ||= Date.now();
}

function back({ resync }) {
  const wasLost = lostAt > 0;
  lostAt = 0;
  linked = true;
  paintBack();
  if (wasLost || resync) emit("resync", {});
}

function tell(kind, data) {
  channel?.postMessage({ kind, data });
}

function seen() {
  lastSeen = Date.now();
}

function open({ takeover }) {
  const source = new EventSource(lastId ? `${url}?after=${encodeURIComponent(lastId)}` : url, { withCredentials: true });
  let first = takeover;
  source.addEventListener("open", () => {
    seen();
    back({ resync: first });
    tell("back", { resync: first });
    first = false;
  });
  source.addEventListener("message", (event) => {
    seen();
    lastId = event.lastEventId || lastId;
    const message = JSON.parse(event.data);
    deliver(message);
    tell("message", { message, lastId });
  });
  source.addEventListener("ping", () => {
    seen();
    pings = true;
    tell("alive", {});
  });
  source.addEventListener("error", () => {
    lost();
    tell("lost", {});
    if (source.readyState === EventSource.CLOSED) setTimeout(() => open({ takeover: true }), RETRY);
  });
  const watch = setInterval(() => {
    if (!pings || Date.now() - lastSeen < SILENCE) return;
    clearInterval(watch);
    source.close();
    lost();
    tell("lost", {});
    open({ takeover: true });
  }, RETRY);
}

// Tabs that do not hold the stream hear the one that does.
channel?.addEventListener("message", ({ data: { kind, data } }) => {
  if (kind === "lost") return lost();
  if (kind === "back") return back(data);
  if (kind !== "message") return back({ resync: false });
  lastId = data.lastId;
  return deliver(data.message);
});

// The lock is held until the tab closes; the next tab then opens its own stream and catches up.
async function share() {
  const began = Date.now();
  await navigator.locks.request("q-live", () => {
    open({ takeover: Date.now() - began > 1000 });
    return new Promise(() => {});
  });
}

if (url) {
  if (navigator.locks && channel) share();
  else open({ takeover: false });
  setInterval(paint, 1000);
  setInterval(ripen, 1000);
  // A page kept by the browser's back button is stale: it catches up like after a lost link.
  window.addEventListener("pageshow", (event) => event.persisted && emit("resync", {}));
}

// A fragment that was refetched says its own second; nothing to do while the link is up.
document.addEventListener("htmx:after:settle", () => lostAt && paintLost());

// What a page reads again by itself is served after what people ask for (quinze/web/turns.py); a vital emergency is not.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const kind = ctx.sourceEvent?.type ?? "";
  if (kind.startsWith("live:") && kind !== "live:p0") ctx.request.headers["Quinze-Refresh"] = "1";
});
