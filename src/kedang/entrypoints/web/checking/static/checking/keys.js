// A key for each button, link or field that is marked with data-key. Nothing happens while somebody types in a field.
"use strict";

const KEPT = "kedang-keys-off";
const typing = (target) => target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])");

document.addEventListener("DOMContentLoaded", () => {
  const choice = document.getElementById("ck-keys");
  if (!choice) return;
  choice.checked = window.localStorage.getItem(KEPT) !== "1";
  choice.addEventListener("change", () => {
    if (choice.checked) window.localStorage.removeItem(KEPT);
    else window.localStorage.setItem(KEPT, "1");
  });
});

function use(marked) {
  if (marked.matches("textarea, select, input[type=text]")) { marked.focus(); return; }
  if (marked.matches("input[type=radio]")) { marked.checked = true; marked.focus(); return; }
  marked.click();
  if (marked.matches("summary") && marked.parentElement.open) {
    marked.parentElement.querySelector("select, input")?.focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || window.localStorage.getItem(KEPT) === "1") return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  const wanted = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const marked = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === wanted && !one.disabled);
  if (!marked) return;
  event.preventDefault();
  use(marked);
});
