// A passkey that did not work is told on the page, not in the console.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const shown = document.getElementById("passkey-failed");
  if (shown) { shown.hidden = false; shown.focus(); }
});
