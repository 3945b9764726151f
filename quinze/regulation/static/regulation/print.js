// The printing was recorded by the server: the page prints itself once it is whole.
window.addEventListener("load", () => window.print());
