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
follow("show-holes", "unholed", false);
for (const details of document.querySelectorAll(".facets details")) {
  if (window.matchMedia("(max-width: 720px)").matches) details.open = false;
}

// The moderators' queue: keys press its buttons, and the next item comes without a reload.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const button = document.querySelector(`#review [data-key="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  const why = button.form && button.form.querySelector("input[required]");
  if (why && !why.value.trim() && !button.formNoValidate) { why.focus(); why.dataset.then = button.value; return; }
  button.click();
});
// Where a ruling needs a reason, its key leads to the reason, and Enter there gives the ruling that was meant.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("#review input[required]")) return;
  event.preventDefault();
  const then = event.target.dataset.then;
  if (then) event.target.form.querySelector(`button[value="${CSS.escape(then)}"]`).click();
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

// Datasette's own forms and tables, for screen readers and the keyboard: names for fields, and wide tables that can be scrolled.
window.addEventListener("load", () => {
  const names = {
    'select[name^="_filter_column"]': "筛选列 Column", 'select[name^="_filter_op"]': "条件 Condition",
    'input[name^="_filter_value"]': "值 Value", 'select[name="_sort"]': "排序列 Sort by", "form.sql textarea": "SQL",
  };
  for (const [selector, name] of Object.entries(names)) {
    for (const field of document.querySelectorAll(selector)) field.setAttribute("aria-label", name);
  }
  for (const wide of document.querySelectorAll(".table-wrapper, dl.column-descriptions")) wide.tabIndex = 0;
});
