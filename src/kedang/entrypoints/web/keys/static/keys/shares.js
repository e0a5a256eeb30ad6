// Words of a recovery share: each is sent alone, in the body of a request; four letters are enough to tell a word.
"use strict";

const typing = document.querySelector("[data-share-typing]");

typing.addEventListener("htmx:configRequest", (event) => {
  const field = event.target.closest("[data-word]");
  if (!field) return;
  event.detail.parameters.word = field.value;
  event.detail.parameters.at = field.dataset.word;
});
typing.addEventListener("htmx:afterSwap", (event) => {
  const whole = event.detail.target.querySelector?.("[data-whole]");
  if (!whole) return;
  const field = document.querySelector(`[aria-describedby="${event.detail.target.id}"]`);
  field.value = whole.dataset.whole;
  next(field);
});
typing.addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-word]");
  if (!field) return;
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    if (field.value) next(field);
  } else if (event.key === "Backspace" && !field.value) {
    event.preventDefault();
    at(Number(field.dataset.word) - 1)?.focus();
  }
});
typing.addEventListener("paste", (event) => {
  const field = event.target.closest("[data-word]");
  const words = event.clipboardData.getData("text").trim().split(/\s+/);
  if (!field || words.length < 2) return;
  event.preventDefault();
  words.forEach((word, more) => {
    const one = at(Number(field.dataset.word) + more);
    if (one) { one.value = word.toLowerCase(); one.dispatchEvent(new Event("change", { bubbles: true })); }
  });
});
typing.addEventListener("change", (event) => {
  if (event.target.matches("[data-reveals-words]")) typing.classList.toggle("kd-words-shown", event.target.checked);
});

function at(number) { return typing.querySelector(`[data-word="${number}"]`); }
function next(field) {
  const following = at(Number(field.dataset.word) + 1);
  if (document.activeElement === field || !document.activeElement?.matches("[data-word]")) (following ?? typing.querySelector("button")).focus();
}
