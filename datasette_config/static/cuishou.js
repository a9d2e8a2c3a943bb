// Switches of the article page. Everything is readable without them.
"use strict";
const panes = document.getElementById("panes");
function follow(id, name, on) {
  const box = document.getElementById(id);
  if (!box || !panes) return;
  const apply = () => panes.classList.toggle(name, box.checked === on);
  box.addEventListener("change", apply);
  apply();
}
follow("show-published", "alone", false);
follow("show-edits", "unmarked", false);
for (const details of document.querySelectorAll(".facets details")) {
  if (window.matchMedia("(max-width: 720px)").matches) details.open = false;
}
