// The paper that a person leaves with: one key prints it.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
