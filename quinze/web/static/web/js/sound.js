// A discreet sound for what has just come to this desk, once its person has asked for it (menu of the account).
const PULSES = { new: [660], p0: [880, 660, 880] };
const LOUDNESS = { new: 0.05, p0: 0.15 };
const APART = 0.18;
const LONG = 0.14;
const AGAIN = 1000;
let audio = null;

const wanted = () => document.body.dataset.sound === "on";

// A browser gives no voice to a page before a key or a click in it.
function ready() {
  audio ??= new AudioContext();
  return audio.resume();
}

function pulse(hertz, loudness, at) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(loudness, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + LONG);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + LONG);
}

function play(kind) {
  if (audio?.state !== "running") return;
  PULSES[kind].forEach((hertz, index) => pulse(hertz, LOUDNESS[kind], audio.currentTime + index * APART));
}

// The tabs of one browser ring once.
function ring(kind) {
  if (!wanted()) return;
  const alone = (lock) => lock && (play(kind), new Promise((free) => setTimeout(free, AGAIN)));
  if (navigator.locks) navigator.locks.request(`q-sound-${kind}`, { ifAvailable: true }, alone);
  else play(kind);
}

async function keep(button, on) {
  const headers = { "X-CSRFToken": document.querySelector('meta[name="q-csrf"]').content };
  const body = new URLSearchParams({ son: on ? "oui" : "non" });
  const answer = await fetch(button.dataset.soundToggle, { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) return;
  const detail = { kind: "warn", title: "Le réglage du son n’est pas enregistré.", text: "Il vaut pour cette page." };
  document.dispatchEvent(new CustomEvent("q:toast", { detail }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sound-toggle]");
  if (!button) return;
  const on = !wanted();
  document.body.dataset.sound = on ? "on" : "off";
  button.setAttribute("aria-pressed", String(on));
  if (on) ready().then(() => play("new"));
  keep(button, on);
});

document.addEventListener("q:arrived", ({ detail }) => ring(detail.p0 ? "p0" : "new"));
for (const gesture of ["keydown", "pointerdown"]) {
  document.addEventListener(gesture, () => wanted() && audio?.state !== "running" && ready(), { capture: true });
}
if (wanted()) ready();
