// The session ended while somebody worked: log in over the page, then send again what was refused.
const PANEL = "/connexion/panneau/";
const waiting = [];
let panel = null;

async function open() {
  if (panel) return;
  panel = document.createElement("div");
  document.body.append(panel);
  const response = await fetch(PANEL, { headers: { "HX-Request": "true" } });
  await show(response);
}

async function show(response) {
  if (/json/.test(response.headers.get("content-type") ?? "")) return back(await response.json());
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const section = page.querySelector("[data-relogin]");
  if (!section) return undefined;
  panel.replaceChildren(document.importNode(section, true));
  panel.querySelector("[autofocus], input:not([type=hidden]), button, a")?.focus();
  return undefined;
}

// A login changes the CSRF token: every form of the open page must follow.
function renew(token) {
  for (const field of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) field.value = token;
  document.querySelector('meta[name="q-csrf"]')?.setAttribute("content", token);
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
}

function back({ csrf }) {
  renew(csrf);
  panel?.remove();
  panel = null;
  for (const retry of waiting.splice(0)) retry();
  document.body.dispatchEvent(new CustomEvent("live:resync", { bubbles: true, detail: {} }));
}

// The same act, as the person did it. A refused read is covered by live:resync.
function again({ sourceElement: element, sourceEvent: event }) {
  if (!element?.isConnected) return;
  if (element.matches("form")) element.requestSubmit(event?.submitter?.isConnected ? event.submitter : undefined);
  else element.dispatchEvent(new Event(event?.type ?? "click", { bubbles: true, cancelable: true }));
}

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status !== 401) return;
  if (ctx.request?.method !== "GET") waiting.push(() => again(ctx));
  open();
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-relogin] form");
  if (!form) return;
  event.preventDefault();
  await show(await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } }));
});

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-relogin-again], [data-relogin-resume]")) return;
  event.preventDefault();
  await show(await fetch(PANEL, { headers: { "HX-Request": "true" } }));
});
