// What is typed reaches the server within 1.5 s; if it cannot, a copy stays in this tab and is offered back.
const PAUSE = 700;
const LONGEST = 1500;
const states = new WeakMap();

const root = document.documentElement;
const keyOf = (form) => `q-draft:${form.dataset.draftKey ?? form.dataset.draftUrl}`;
const statusOf = (form) => form.querySelector("[data-draft-status]") ?? document.querySelector(`[data-draft-status="${form.id}"]`);
const stateOf = (form) => states.get(form) ?? states.set(form, { changed: new Set(), timer: 0, since: 0, sending: false }).get(form);

function say(form, words) {
  const status = statusOf(form);
  if (status) status.textContent = words;
}

function hour(iso) {
  const at = iso ? Date.parse(iso) : Date.now() + Number(root.dataset.qOffset ?? 0);
  const zone = Number(document.querySelector("[data-q-time]")?.dataset.zone ?? -new Date().getTimezoneOffset() * 60000);
  return new Date(at + zone).toISOString().slice(11, 19);
}

// Changed fields, every hidden one (version, ids), nothing else: two people may type in one file.
function body(form, names) {
  const hidden = [...form.elements].filter((field) => field.type === "hidden" && field.name).map((field) => field.name);
  const kept = new Set([...names, ...hidden]);
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (kept.has(name) && typeof value === "string") data.append(name, value);
  for (const name of names) {
    if (!data.has(name)) data.append(name, "");
    data.append("_changed", name);
  }
  return data;
}

function keepHere(form, names) {
  const values = [...new FormData(form)].filter(([name, value]) => names.has(name) && typeof value === "string");
  const copy = { at: hour(), names: [...names], values };
  try {
    sessionStorage.setItem(keyOf(form), JSON.stringify(copy));
    say(form, `Gardé sur ce poste à ${copy.at}, pas encore sur le serveur`);
  } catch {
    say(form, "Non enregistré : gardez cette page ouverte");
  }
}

function saved(form, answer) {
  for (const [name, value] of Object.entries(answer?.fields ?? {})) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  sessionStorage.removeItem(keyOf(form));
  say(form, `Brouillon gardé à ${hour(answer?.saved_at)}`);
  form.dispatchEvent(new CustomEvent("q:draft-saved", { bubbles: true, detail: answer ?? {} }));
}

async function post(form, names) {
  const token = form.elements.csrfmiddlewaretoken?.value ?? document.querySelector('meta[name="q-csrf"]')?.content;
  return fetch(form.dataset.draftUrl, {
    method: "POST",
    body: body(form, names),
    headers: { "X-CSRFToken": token, Accept: "application/json", "HX-Request": "true" },
    keepalive: true,
  });
}

const json = (response) => (/json/.test(response.headers.get("content-type") ?? "") ? response.json() : null);

async function send(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (state.sending || !state.changed.size) return;
  const names = state.changed;
  state.changed = new Set();
  state.since = 0;
  state.sending = true;
  try {
    const response = await post(form, names);
    if (response.status === 409) form.dispatchEvent(new CustomEvent("q:draft-conflict", { bubbles: true, detail: await json(response) }));
    else if (!response.ok || response.redirected) throw new Error(String(response.status));
    else saved(form, await json(response));
  } catch {
    names.forEach((name) => state.changed.add(name));
    keepHere(form, state.changed);
    state.timer = setTimeout(() => send(form), 5000);
  } finally {
    state.sending = false;
    if (state.changed.size && state.since) plan(form);
  }
}

function plan(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  const left = LONGEST - (Date.now() - state.since);
  state.timer = setTimeout(() => send(form), Math.max(Math.min(PAUSE, left), 0));
}

function onChange(event) {
  const form = event.target.form;
  if (!form?.matches?.("[data-draft-url]") || !event.target.name || event.target.closest("[data-draft-skip]")) return;
  const state = stateOf(form);
  state.changed.add(event.target.name);
  state.since ||= Date.now();
  plan(form);
}

// ---- the copy of a lost session is offered, never imposed

function restore(form, copy) {
  for (const name of copy.names) {
    const values = copy.values.filter(([each]) => each === name).map(([, value]) => value);
    for (const field of [].concat(form.elements[name] instanceof RadioNodeList ? [...form.elements[name]] : (form.elements[name] ?? []))) {
      if (/radio|checkbox/.test(field.type)) field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

function offer(form) {
  const copy = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
  if (!copy || form.querySelector("[data-draft-offer]")) return;
  const note = document.getElementById("q-draft-offer").content.cloneNode(true).firstElementChild;
  note.querySelector("[data-draft-at]").textContent = copy.at;
  note.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-draft-take]")) restore(form, copy);
    sessionStorage.removeItem(keyOf(form));
    note.remove();
  });
  form.prepend(note);
}

const offers = () => document.querySelectorAll("form[data-draft-url]").forEach(offer);
document.addEventListener("input", onChange);
document.addEventListener("change", onChange);
// A full submission carries everything: what was waiting must not overwrite it afterwards.
document.addEventListener("submit", (event) => {
  if (!event.target.matches?.("[data-draft-url]")) return;
  clearTimeout(stateOf(event.target).timer);
  stateOf(event.target).changed.clear();
});
// A submission that did not arrive is kept here whole.
function keepRefused({ detail: { ctx } }) {
  const form = ctx?.sourceElement?.closest?.("form[data-draft-url]");
  if (form && (!ctx.response || [401, 403].includes(ctx.response.status) || ctx.response.status >= 500)) {
    keepHere(form, new Set(new FormData(form).keys()));
  }
}
document.addEventListener("htmx:error", keepRefused);
document.addEventListener("htmx:response:error", keepRefused);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") document.querySelectorAll("form[data-draft-url]").forEach(send);
});
document.addEventListener("htmx:after:settle", offers);
offers();
