// Photographs of paper: each is sealed at once, looked at by the server, and can be marked by hand before the pages are joined.
"use strict";

(() => {
  const root = document.getElementById("paper");
  if (!root) return;
  const said = root.dataset;
  const $ = (id) => document.getElementById(id);
  const PIECE = Number(said.pieceBytes);
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  let sheets = [];
  let count = 0;
  let line = Promise.resolve();
  let waiting = 0;

  const tell = (words) => { $("told").textContent = words; };

  async function ask(url, body, type = "application/json") {
    const answer = await fetch(url, {
      method: "POST", body, redirect: "manual", credentials: "same-origin",
      headers: { "X-CSRFToken": token, "Content-Type": type, Accept: "application/json" },
    });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new Error(said.saySession);
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(fill(said.sayAgain, { code: told.code || answer.status }));
    return told;
  }

  // One after another: a phone's memory holds few photographs.
  function later(work) {
    waiting += 1;
    buttons();
    line = line.then(work).catch((error) => tell(error.message)).finally(() => { waiting -= 1; buttons(); });
    return line;
  }
  function buttons() {
    $("join").disabled = waiting > 0 || !sheets.length;
    $("begin").disabled = waiting > 0 || sheets.length > 0 || !Number(root.dataset.done);
    $("pages-card").hidden = !sheets.length;
  }

  async function take(photo) {
    tell(said.saySending);
    count += 1;
    const kind = { "image/png": "png", "image/webp": "webp", "image/heic": "heic" }[photo.type] || "jpg";
    const title = $("title").value.replaceAll("/", "／").split(/\s+/).join(" ").trim();
    const about = { path: `${title} ${said.photos}/${new Date().toTimeString().slice(0, 8).replaceAll(":", "")}-${String(count).padStart(3, "0")}.${kind}`, size: photo.size, modified: photo.lastModified || Date.now() };
    const [told] = (await ask(said.files, JSON.stringify([about]))).files;
    for (const n of told.missing) {
      const octets = await photo.slice(n * PIECE, Math.min(photo.size, (n + 1) * PIECE)).arrayBuffer();
      await ask(`${said.files}${told.ordinal}/${n}/`, octets, "application/octet-stream");
    }
    $("title").readOnly = true;
    await added(told.ordinal);
  }

  async function added(ordinal) {
    const sheet = { ordinal, corners: [], turn: 0, doubts: [], picture: "" };
    sheets.push(sheet);
    draw();
    await look(sheet);
    const before = sheets[sheets.indexOf(sheet) - 1];
    if (before && (await alike(before.picture, sheet.picture))) { sheet.doubts.push(said.saySame); draw(); }
    tell("");
  }

  async function look(sheet) {
    const { ordinal, corners, turn } = sheet;
    const seen = await ask(said.look, JSON.stringify({ ordinal, corners, turn }));
    Object.assign(sheet, { corners: seen.corners, doubts: seen.doubts, picture: seen.picture });
    draw();
  }

  // Whether two pages look the same at a glance: sixteen grey dots each way.
  async function glance(picture) {
    const image = new Image();
    image.src = picture;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 16;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(image, 0, 0, 16, 16);
    const dots = pen.getImageData(0, 0, 16, 16).data;
    return Array.from({ length: 256 }, (_, at) => (dots[4 * at] + dots[4 * at + 1] + dots[4 * at + 2]) / 3);
  }
  async function alike(one, other) {
    if (!one || !other) return false;
    const [a, b] = [await glance(one), await glance(other)];
    return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / 256 < 3;
  }

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  function draw() {
    $("sheets").replaceChildren(...sheets.map((sheet, at) => {
      const item = document.createElement("li");
      item.className = "ti-sheet";
      const heading = document.createElement("b");
      heading.textContent = fill(said.sayPage, { n: at + 1 });
      const picture = document.createElement("img");
      picture.alt = heading.textContent;
      if (sheet.picture) picture.src = sheet.picture;
      const doubts = sheet.doubts.map((words) => {
        const shown = document.createElement("div");
        shown.className = "ti-warning";
        shown.textContent = words;
        return shown;
      });
      const row = document.createElement("div");
      row.className = "ti-sheet-buttons";
      row.append(
        button(said.sayEdges, () => mark(sheet)),
        button(said.sayTurn, () => later(() => { sheet.turn = (sheet.turn + 1) % 4; return look(sheet); })),
        ...(at ? [button(said.sayEarlier, () => { sheets.splice(at - 1, 0, ...sheets.splice(at, 1)); draw(); })] : []),
        button(said.sayRemove, () => later(() => remove(sheet))),
      );
      item.append(heading, picture, ...doubts, row);
      return item;
    }));
    buttons();
  }

  async function remove(sheet) {
    await ask(`${said.files}${sheet.ordinal}/take-back/`, "");
    sheets = sheets.filter((one) => one !== sheet);
    if (!sheets.length) $("title").readOnly = false;
    draw();
  }

  // ---- marking the edges by hand ----
  let marked = null;
  let corners = [];
  async function mark(sheet) {
    marked = sheet;
    corners = [...sheet.corners];
    await later(async () => {
      const seen = await ask(said.look, JSON.stringify({ ordinal: sheet.ordinal, corners: sheet.corners, turn: 0, flat: true }));
      $("stage-picture").src = seen.picture;
      await $("stage-picture").decode();
      outline();
      $("edges").showModal();
    });
  }
  function outline() {
    $("outline").setAttribute("points", [0, 2, 4, 6].map((at) => `${corners[at]},${corners[at + 1]}`).join(" "));
    dots.forEach((dot, n) => {
      dot.style.left = `${100 * corners[2 * n]}%`;
      dot.style.top = `${100 * corners[2 * n + 1]}%`;
    });
  }
  function move(n, x, y) {
    corners[2 * n] = Math.min(1, Math.max(0, x));
    corners[2 * n + 1] = Math.min(1, Math.max(0, y));
    outline();
  }
  const dots = [0, 1, 2, 3].map((n) => {
    const dot = document.createElement("button");
    dot.type = "button";
    dot.className = "ti-corner";
    dot.setAttribute("aria-label", fill(said.sayCorner, { n: n + 1 }));
    dot.addEventListener("pointerdown", (event) => { event.preventDefault(); dot.setPointerCapture(event.pointerId); dot.focus(); });
    dot.addEventListener("pointermove", (event) => {
      if (!dot.hasPointerCapture(event.pointerId)) return;
      const box = $("stage").getBoundingClientRect();
      move(n, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    dot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? 0.05 : 0.005;
      move(n, corners[2 * n] + far * step[0], corners[2 * n + 1] + far * step[1]);
    });
    $("stage").append(dot);
    return dot;
  });
  $("edges-leave").addEventListener("click", () => $("edges").close());
  $("edges-whole").addEventListener("click", () => { corners = [0, 0, 1, 0, 1, 1, 0, 1]; outline(); });
  $("edges-done").addEventListener("click", () => {
    $("edges").close();
    marked.corners = corners;
    later(() => look(marked));
  });

  // ---- joining ----
  $("join").addEventListener("click", () => {
    const expected = Number($("expected").value);
    if (expected && expected !== sheets.length && !window.confirm(fill(said.sayMissing, { n: expected, have: sheets.length }))) return;
    later(async () => {
      tell(said.sayJoining);
      const pages = sheets.map(({ ordinal, corners: at, turn }) => ({ ordinal, corners: at, turn }));
      const told = await ask(said.join, JSON.stringify({ title: $("title").value, pages }));
      sheets = [];
      root.dataset.done = String(told.documents);
      $("joined").textContent = fill(said.sayJoined, { n: told.documents });
      $("title").value = told.title;
      $("title").readOnly = false;
      $("expected").value = "";
      tell("");
      draw();
    });
  });

  // ---- the camera ----
  for (const id of ["shoot", "pick"]) {
    $(id).addEventListener("change", (event) => {
      for (const photo of [...event.target.files]) later(() => take(photo));
      event.target.value = "";
    });
  }
  let stream = null;
  const label = $("series").querySelector("span");
  function cameraOff() {
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    $("video").hidden = true;
    $("snap").hidden = true;
    document.querySelector("label[for=shoot]").hidden = false;
    label.textContent = label.dataset.start;
  }
  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
    $("series").hidden = false;
    $("series").addEventListener("click", async () => {
      if (stream) { cameraOff(); return; }
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 3072 } } });
      } catch (error) {
        tell(fill(said.sayAgain, { code: error.name }));
        return;
      }
      $("video").srcObject = stream;
      await $("video").play();
      $("video").hidden = false;
      $("snap").hidden = false;
      document.querySelector("label[for=shoot]").hidden = true;
      label.textContent = label.dataset.end;
    });
    $("snap").addEventListener("click", () => {
      const canvas = document.createElement("canvas");
      canvas.width = $("video").videoWidth;
      canvas.height = $("video").videoHeight;
      canvas.getContext("2d").drawImage($("video"), 0, 0);
      canvas.toBlob((photo) => later(() => take(photo)), "image/jpeg", 0.92);
    });
  }

  root.dataset.done = String(Number(($("joined").textContent.match(/\d+/) || ["0"])[0]));
  const left = said.loose ? said.loose.split(",").map(Number) : [];
  if (left.length) $("title").readOnly = true;
  for (const ordinal of left) later(() => added(ordinal));
  draw();
})();
