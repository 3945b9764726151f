// The server says "q:toast" in HX-Trigger; what it says stays until the next key.
const region = document.querySelector("[data-toasts]");

function show({ kind = "ok", title = "", text = "" }) {
  const toast = document.createElement("div");
  toast.className = `q-toast q-note q-note-${kind}`;
  toast.dataset.toast = "";
  const icon = document.querySelector(`template[data-toast-icon="${kind}"]`);
  if (icon) toast.append(icon.content.cloneNode(true));
  const words = document.createElement("p");
  const fact = document.createElement("strong");
  fact.textContent = title;
  words.append(fact, ` ${text}`);
  toast.append(words);
  region?.replaceChildren(toast);
}

// The key that caused a toast must not remove it: only keys pressed after it was shown count.
const clear = () => region?.querySelector("[data-toast]") && region.replaceChildren();
document.addEventListener("keydown", (event) => !["Shift", "Control", "Alt", "Meta"].includes(event.key) && clear(), true);
document.addEventListener("click", (event) => event.target.closest("[data-toast]") && clear());
document.addEventListener("q:toast", (event) => show(event.detail));

const REFUSALS = {
  401: ["Session expirée.", "Votre saisie est gardée sur ce poste. Reconnectez-vous pour reprendre."],
  403: ["Refusé.", "Votre rôle ne permet pas cette action, ou la session a expiré."],
  500: ["Le serveur n’a pas pu répondre.", "Rien n’est perdu à l’écran. Réessayez ; si cela dure, prévenez le superviseur."],
};
document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (headers.get("X-Quinze-Session")) return; // the session has its own panel, over the page
  const words = REFUSALS[status >= 500 ? 500 : status];
  if (words) show({ kind: "alert", title: words[0], text: words[1] });
});
document.addEventListener("htmx:error", (event) => {
  const error = event.detail.error;
  if (error instanceof TypeError && /fetch/i.test(error.message) && !event.detail.ctx?.sourceElement?.matches("[data-live]")) {
    show({ kind: "warn", title: "Pas de réseau.", text: "L’action n’est pas partie. Ce que vous tapez reste sur ce poste." });
  }
});
