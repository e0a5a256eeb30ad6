// Small behaviour of every page. Each works on what is marked with data- attributes, so that no page has a script of its own inline.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggles]");
  if (!button) return;
  const shown = document.getElementById(button.dataset.toggles).classList.toggle("show");
  button.setAttribute("aria-expanded", String(shown));
});

// A form that asks before it is sent.
document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.confirm;
  if (asked && !window.confirm(asked)) event.preventDefault();
});

// A fault that answers an htmx request is shown where it was asked for, not swallowed.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) { window.location.reload(); return; }
  if (status >= 400 && event.detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A choice between parts of a form: <input type=radio name=N data-shows=ID>, parts have data-choice=N. Without script all are shown.
function showChosen(form) {
  for (const part of form.querySelectorAll("[data-choice]")) {
    const chosen = form.querySelector(`input[name="${part.dataset.choice}"]:checked`);
    part.hidden = Boolean(chosen) && chosen.dataset.shows !== part.id;
  }
}
document.addEventListener("change", (event) => {
  if (event.target.dataset.shows && event.target.form) showChosen(event.target.form);
});
document.querySelectorAll("form").forEach(showChosen);
