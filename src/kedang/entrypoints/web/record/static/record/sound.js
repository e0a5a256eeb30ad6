// Listening: the bytes come as an answer to a form, live in this page only and go with it. And what was shown is put away again.
"use strict";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-sound]");
  if (!form) return;
  event.preventDefault();
  const [player, fault] = [form.querySelector("audio"), form.querySelector("[role=alert]")];
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  fault.hidden = answer.ok;
  if (!answer.ok) return;
  player.src = URL.createObjectURL(await answer.blob());
  player.hidden = false;
  player.play().catch(() => {});
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-empties]");
  if (!link) return;
  event.preventDefault();
  document.getElementById(link.dataset.empties).replaceChildren();
});
