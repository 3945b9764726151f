// Clocks tick from the instant each badge carries and the server's time; no request is made.
const QUARTERS = ["M6 6Z", "M6 6V1a5 5 0 0 1 5 5Z", "M6 6V1a5 5 0 0 1 0 10Z", "M6 6V1a5 5 0 1 1-5 5Z", "M6 6Z"];
const SPOKEN = [60, 30, 10];
const NBSP = "\u00a0";
const root = document.documentElement;

// How far this computer is from the server, learnt once per page from the instant written in it.
const loaded = Date.now();
const stated = Date.parse(document.querySelector('meta[name="q-now"]')?.content);
root.dataset.qOffset = Number.isNaN(stated) ? 0 : Math.round(stated - responseStart());
const now = () => Date.now() + Number(root.dataset.qOffset);

function responseStart() {
  const navigation = performance.getEntriesByType("navigation")[0];
  return navigation?.responseStart ? performance.timeOrigin + navigation.responseStart : loaded;
}

function elapsed(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  if (whole < 6000) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours < 100) return `${hours}${NBSP}h` + (minutes ? NBSP + String(minutes).padStart(2, "0") : "");
  return `${Math.floor(hours / 24)}${NBSP}j` + (hours % 24 ? `${NBSP}${hours % 24}${NBSP}h` : "");
}

function lateness(waited, target) {
  if (!target || waited < (target * 2) / 3) return "plain";
  return waited > target ? "over" : "near";
}

function words(state, waited, target) {
  if (state === "over") return `, cible dépassée de ${elapsed(waited - target)}`;
  return state === "near" ? ", bientôt dépassé" : "";
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function tickBadge(badge) {
  const waited = (now() - Date.parse(badge.dataset.since)) / 1000;
  const target = Number(badge.dataset.target) || 0;
  const state = lateness(waited, target);
  const quarter = target ? Math.min(Math.round((waited / target) * 4), waited > target ? 4 : 3) : 0;
  write(badge.querySelector(".q-num"), elapsed(waited));
  if (badge.dataset.drawn === `${state}${quarter}` && state !== "over") return;
  badge.dataset.drawn = `${state}${quarter}`;
  for (const each of ["plain", "near", "over"]) badge.classList.toggle(`q-k-${each}`, each === state);
  badge.querySelector("path")?.setAttribute("d", QUARTERS[Math.max(quarter, 0)]);
  write(badge.querySelector(".visually-hidden"), words(state, waited, target));
}

function say(counter, left) {
  const threshold = SPOKEN.findLast((step) => left <= step);
  if (!counter.dataset.speak || !threshold || counter.dataset.said === String(threshold)) return;
  counter.dataset.said = threshold;
  write(counter.querySelector("[data-say]"), `${counter.dataset.speak} : ${threshold} secondes`);
}

function tickCountdown(counter) {
  const left = Math.max((Date.parse(counter.dataset.until) - now()) / 1000, 0);
  write(counter.querySelector("[data-left]") ?? counter, elapsed(Math.ceil(left)));
  const drain = counter.querySelector("progress");
  if (drain) drain.value = left;
  if (left > 0) return say(counter, left);
  if (counter.dataset.expired === counter.dataset.until) return undefined;
  counter.dataset.expired = counter.dataset.until;
  return counter.dispatchEvent(new CustomEvent("q:expired", { bubbles: true, detail: { until: counter.dataset.until } }));
}

// The server writes its times in the zone of the SAS; the bar keeps that zone, whatever this computer's.
function zoneShift(time) {
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(time) ?? [null, "+", "0", "0"];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60000;
}

function tickBar(time) {
  const zone = (time.dataset.zone ??= zoneShift(time.getAttribute("datetime")));
  write(time, new Date(now() + Number(zone)).toISOString().slice(11, 19));
}

function tick() {
  document.querySelectorAll("[data-q-time]").forEach(tickBar);
  document.querySelectorAll("[data-since]").forEach(tickBadge);
  document.querySelectorAll("[data-until]").forEach(tickCountdown);
  setTimeout(tick, 1000 - (now() % 1000) + 5);
}
tick();
