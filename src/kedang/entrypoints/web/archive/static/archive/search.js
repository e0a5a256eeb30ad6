// Search as you type: the form is sent when typing has settled, never while an input method is composing.
"use strict";

(() => {
  const field = document.getElementById("archive-words");
  if (!field) return;
  const form = field.form;
  const wait = Number(field.dataset.settles);
  let sent = field.value.trim();
  let timer;
  const settle = () => {
    const words = field.value.trim();
    if (words === sent || (words.length === 1)) return;
    sent = words;
    window.htmx.trigger(form, "settled");
  };
  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(settle, wait);
  });
  field.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(settle, wait);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent = field.value.trim();
  });
})();

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-sends]")) event.target.form.requestSubmit();
  const name = event.target.dataset.ticks;
  if (name) {
    for (const box of event.target.form.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
  }
});

// A menu closes when something else is used, or with Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.arc-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.arc-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
