// Sending files in pieces. What the server has already is never sent again: it says which pieces are missing.
"use strict";

(() => {
  const root = document.getElementById("sending");
  if (!root) return;
  const said = root.dataset;
  const PIECE = Number(said.pieceBytes);
  const AT_ONCE = Math.min(Number(said.atOnce), 200);
  const LINES = 3;
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const $ = (id) => document.getElementById(id);
  const state = { all: 0, done: 0, bytes: 0, sent: 0, began: 0, sentSince: 0, paused: false, stopped: "", active: 0, asking: 0 };
  const queue = [];
  let wake = [];

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`);

  // ---- what was chosen ----
  async function ofEntry(entry, above, found) {
    const path = above ? `${above}/${entry.name}` : entry.name;
    if (entry.isFile) {
      try {
        found.push({ path, file: await new Promise((good, bad) => entry.file(good, bad)) });
      } catch {
        found.push({ path, file: null });
      }
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((good, bad) => reader.readEntries(good, bad)).catch(() => []);
      if (!some.length) return;
      for (const one of some) await ofEntry(one, path, found);
    }
  }

  async function dropped(event) {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    const plain = entries.length ? [] : [...event.dataTransfer.files].map((file) => ({ path: file.name, file }));
    show(said.sayLooking);
    const found = plain;
    for (const entry of entries) await ofEntry(entry, "", found);
    await send(found);
  }

  function chosen(input) {
    const found = [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    input.value = "";
    return send(found);
  }

  // ---- talking with the server ----
  class Over extends Error {}

  async function ask(url, body, type) {
    for (let tries = 0; ; tries += 1) {
      await gate();
      let answer = null;
      try {
        answer = await fetch(url, {
          method: "POST", body, redirect: "manual", credentials: "same-origin",
          headers: { "X-CSRFToken": token, "Content-Type": type, Accept: "application/json" },
        });
      } catch {
        answer = null;
      }
      if (answer && answer.ok) return answer.status === 204 ? {} : answer.json();
      if (answer && (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403)) {
        hold(said.saySession);
        continue;
      }
      if (answer && answer.status === 503) {
        const told = await answer.json().catch(() => ({}));
        if (told.code === "KD-H110" || told.code === "KD-V203") { hold(said.sayFull); continue; }
      }
      if (answer && answer.status >= 400 && answer.status < 500) {
        const told = await answer.json().catch(() => ({}));
        throw new Over(told.code || String(answer.status));
      }
      tell(said.sayWaiting);
      await new Promise((good) => setTimeout(good, Math.min(30000, 1000 * 2 ** Math.min(tries, 5))));
    }
  }

  async function gate() {
    while (state.paused) await new Promise((good) => wake.push(good));
  }
  function hold(words) {
    state.paused = true;
    tell(words);
    $("pause").textContent = $("pause").dataset.go;
  }
  function goOn() {
    state.paused = false;
    state.began = Date.now();
    state.sentSince = 0;
    $("pause").textContent = $("pause").dataset.pause;
    wake.splice(0).forEach((good) => good());
    draw();
  }

  // ---- sending ----
  async function send(found) {
    if (!found.length || state.stopped) return;
    state.all += found.length;
    state.bytes += found.reduce((sum, one) => sum + (one.file ? one.file.size : 0), 0);
    if (!state.began) state.began = Date.now();
    state.asking += 1;
    draw();
    try {
      for (let from = 0; from < found.length; from += AT_ONCE) {
        const some = found.slice(from, from + AT_ONCE);
        const list = some.map((one) => ({ path: one.path, size: one.file ? one.file.size : 0, modified: one.file ? one.file.lastModified : 0 }));
        const answer = await ask(said.files, JSON.stringify(list), "application/json");
        answer.files.forEach((told, at) => {
          const one = some[at];
          if (!one.file) { unreadable(one, told.ordinal); return; }
          const there = one.file.size - told.missing.reduce((sum, n) => sum + Math.min(PIECE, one.file.size - n * PIECE), 0);
          state.sent += there;
          if (told.missing.length) queue.push({ ...one, ordinal: told.ordinal, missing: told.missing });
          else state.done += 1;
        });
        work();
      }
    } catch (error) {
      over(error);
    } finally {
      state.asking -= 1;
      work();
    }
  }

  function work() {
    while (state.active < LINES && queue.length && !state.stopped) {
      state.active += 1;
      pieces(queue.shift()).catch(over).finally(() => { state.active -= 1; work(); });
    }
    draw();
    if (!state.active && !queue.length && !state.asking && !state.stopped && state.done === state.all) finished();
  }

  async function pieces(one) {
    for (const n of one.missing) {
      let octets;
      try {
        octets = await one.file.slice(n * PIECE, Math.min(one.file.size, (n + 1) * PIECE)).arrayBuffer();
      } catch {
        await unreadable(one, one.ordinal);
        return;
      }
      await ask(`${said.files}${one.ordinal}/${n}/`, octets, "application/octet-stream");
      state.sent += octets.byteLength;
      state.sentSince += octets.byteLength;
      draw();
    }
    state.done += 1;
  }

  async function unreadable(one, ordinal) {
    await ask(said.unreadable, JSON.stringify([ordinal]), "application/json");
    const line = document.createElement("li");
    line.textContent = fill(said.sayUnreadable, { name: one.path });
    $("faults").append(line);
    state.done += 1;
    draw();
  }

  function over(error) {
    if (!(error instanceof Over)) throw error;
    state.stopped = error.message;
    tell(fill(said.sayRefused, { code: error.message }));
  }

  async function finished() {
    tell(fill(said.sayDone, { all: state.all }));
    $("begin").disabled = false;
    window.removeEventListener("beforeunload", warn);
    if (!$("at-once").checked) return;
    $("begin").disabled = true;
    try {
      const answer = await ask(said.give, "", "application/x-www-form-urlencoded");
      window.location.assign(answer.next);
    } catch (error) {
      over(error);
    }
  }

  // ---- what is seen ----
  let live = 0;
  function tell(words) {
    show(words);
    $("live").textContent = words;
  }
  function show(words) {
    $("progress").hidden = false;
    $("told").textContent = words;
  }
  function draw() {
    if (!state.all || state.stopped || state.paused) return;
    const words = fill(said.sayLeft, { done: state.done, all: state.all });
    show(words);
    $("bar").max = state.bytes || 1;
    $("bar").value = state.sent;
    const spent = (Date.now() - state.began) / 1000;
    let left = "";
    if (spent > 3 && state.sentSince) {
      const minutes = Math.floor(((state.bytes - state.sent) / (state.sentSince / spent)) / 60);
      left = ` · ${minutes ? fill(said.sayMinutes, { n: minutes }) : said.saySoon}`;
    }
    $("figures").textContent = `${size(state.sent)} / ${size(state.bytes)}${left}`;
    if (Date.now() - live > 8000) { live = Date.now(); $("live").textContent = words; }
  }
  function warn(event) {
    if (state.active || queue.length) event.preventDefault();
  }

  $("pause").addEventListener("click", () => (state.paused ? goOn() : hold(said.sayPaused)));
  $("choose-files").addEventListener("change", (event) => chosen(event.target));
  $("choose-folder").addEventListener("change", (event) => chosen(event.target));
  const drop = $("drop");
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("ti-over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("ti-over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("ti-over"); dropped(event); });
  window.addEventListener("beforeunload", warn);
})();
