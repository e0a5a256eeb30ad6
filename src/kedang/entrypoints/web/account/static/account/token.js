// A token that stands behind # of the address goes into the form and out of the address.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("token");
  const given = window.location.hash.slice(1);
  if (!field || !given) return;
  field.value = given;
  window.history.replaceState(null, "", window.location.pathname);
});
