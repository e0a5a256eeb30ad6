"use strict";
(() => {
  const form = document.querySelector(".filters");
  const field = (id) => document.getElementById(id);
  const rows = Array.from(document.querySelectorAll("#events tbody tr"), (row) => ({
    row, text: row.textContent.toLowerCase(), ...row.dataset,
  }));
  const count = field("count");
  const filter = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const act = field("act").value, actor = field("actor").value;
    const from = field("from").value, to = field("to").value;
    let shown = 0;
    for (const one of rows) {
      const fits = (!act || one.act === act) && (!actor || one.actor === actor)
        && (!from || one.day >= from) && (!to || one.day <= to)
        && words.every((word) => one.text.includes(word));
      one.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = count.dataset.said.replace("{n}", shown.toLocaleString("en"));
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
