// A decorative map: the table beside it says everything, so it takes neither focus nor pointer.
// Leaflet is loaded before as a classic script and is the global L; colours come from the style sheet.
const L = window.L;
const drawn = new WeakMap();

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function pin({ kind, rank, held }) {
  const mark = { home: "⌂", referring: "T" }[kind] ?? String(rank ?? "");
  const box = document.createElement("span");
  box.className = `q-pin${kind === "home" ? " is-home" : ""}${kind === "referring" ? " is-referring" : ""}${held ? " is-held" : ""}`;
  const text = box.appendChild(document.createElement("span"));
  text.textContent = mark;
  return L.divIcon({ html: box, className: "", iconSize: [22, 22] });
}

function layer(feature, at) {
  const { kind, name, radius_km: radius } = feature.properties;
  if (kind === "zone") {
    return L.circle(at, { radius: radius * 1000, color: token("--q-accent"), weight: 1, dashArray: "4 4", fillOpacity: 0.06, interactive: false });
  }
  const marker = L.marker(at, { icon: pin(feature.properties), interactive: false, keyboard: false });
  return name ? marker.bindTooltip(name, { permanent: true, direction: "right", offset: [10, 0], interactive: false }) : marker;
}

function line(feature) {
  return feature.geometry.type === "Point" ? {} : { color: token(feature.properties.kind === "link" ? "--q-accent" : "--q-road"), weight: 2, fill: false, interactive: false };
}

// Drawn again only when the data changed, or when a swap emptied the element.
function draw(element) {
  const text = document.getElementById(element.dataset.map)?.textContent ?? "";
  const known = drawn.get(element);
  if (!text || (known?.text === text && element.querySelector(".leaflet-pane"))) return;
  known?.map.remove();
  drawn.set(element, { text, map: mapOf(element, JSON.parse(text)) });
}

function mapOf(element, data) {
  const still = { dragging: false, touchZoom: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, keyboard: false };
  const map = L.map(element, { ...still, zoomControl: false, attributionControl: false, zoomSnap: 0.1, fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false });
  map.setView([46.58, 0.34], 9);
  const features = L.geoJSON(data, { pointToLayer: layer, style: line }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  if (features.getBounds().isValid()) map.fitBounds(features.getBounds(), { padding: [8, 8], animate: false, maxZoom: 13 });
  return map;
}

const drawAll = () => L && document.querySelectorAll("[data-map]").forEach(draw);
document.addEventListener("htmx:after:settle", drawAll);
drawAll();
