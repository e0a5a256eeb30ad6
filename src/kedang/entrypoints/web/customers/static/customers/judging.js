// A key for each answer of the judging queue; nothing happens while somebody types in a field.
"use strict";

const KEPT = "kedang-keys-off"; // one switch for every queue; it says nothing of anybody

document.addEventListener("DOMContentLoaded", () => {
  const choice = document.getElementById("keys-on");
  if (!choice) return;
  choice.checked = window.localStorage.getItem(KEPT) !== "1";
  choice.addEventListener("change", () => {
    if (choice.checked) window.localStorage.removeItem(KEPT);
    else window.localStorage.setItem(KEPT, "1");
  });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (window.localStorage.getItem(KEPT) === "1") return;
  if (event.key === " " && event.target.closest("button, a, input")) return;
  const form = document.querySelector("form[data-judge]");
  if (!form || form.classList.contains("htmx-request")) return;
  const button = [...form.querySelectorAll("button[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase() && !one.disabled);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// The next pair has come: whoever reads by ear or keyboard stands before its question.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "pair") document.getElementById("ask")?.focus({ preventScroll: true });
});
