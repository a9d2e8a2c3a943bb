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

// The moderators' queue: keys press its buttons, and the next item comes without a reload.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const button = document.querySelector(`#review [data-key="${CSS.escape(event.key)}"]`);
  if (button) { event.preventDefault(); button.click(); }
});
document.addEventListener("submit", async (event) => {
  const review = document.getElementById("review");
  if (!review || !review.contains(event.target)) return;
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("review");
  if (!next) { location.reload(); return; }
  review.replaceWith(document.adoptNode(next));
  window.scrollTo(0, 0);
});
