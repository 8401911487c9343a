/* The report's form saves itself: to the server while there is a connection, to this device always.
   It never submits anything. Without this file the buttons of the form do the same by hand. */
"use strict";

const form = document.getElementById("report-form");
const box = document.getElementById("device");
const words = document.getElementById("report-words")?.dataset;
const key = (form ?? box)?.dataset.report && `laporan:${(form ?? box).dataset.report}`;

const kept = {
  read() {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  write(copy) {
    // A full or forbidden storage must not stop the typing.
    try { localStorage.setItem(key, JSON.stringify(copy)); } catch { /* the server's copy remains */ }
  },
  drop() {
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
};

// What is typed, without the token and the version.
function typed() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken" || name === "version" || typeof value !== "string") continue;
    if (name === "masalah") (fields[name] ??= []).push(value);
    else fields[name] = value;
  }
  return fields;
}

// What the script sends: all but the file, which only a button sends.
function said() {
  const data = new FormData(form);
  data.delete("lampiran");
  return data;
}

const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
const sorted = (fields) => Object.entries(fields).filter(([, value]) => value.length).sort(([a], [b]) => (a < b ? -1 : 1));

function put(fields) {
  for (const control of form.elements) {
    if (!control.name || ["hidden", "submit", "file"].includes(control.type)) continue;
    const value = fields[control.name];
    if (control.name === "masalah") control.checked = (value ?? []).includes(control.value);
    else if (control.type === "checkbox") control.checked = Boolean(value);
    else control.value = value ?? "";
    if (control.value && control.closest("details")) control.closest("details").open = true;
  }
}

function offer(sentence, copy) {
  box.querySelector("[data-words]").textContent = `${sentence} ${new Date(copy.at).toLocaleString("id-ID")}`;
  box.hidden = false;
  box.querySelector("[data-drop]").addEventListener("click", () => { kept.drop(); box.hidden = true; });
}

if (form) {
  const status = document.getElementById("saved");
  const version = form.elements.version;
  let server = typed(), timer, busy = false, again = false, paused = false;

  const say = (text) => { status.textContent = text; };

  function changed() {
    const fields = typed();
    if (same(fields, server)) return kept.drop();
    kept.write({ version: version.value, fields, at: Date.now() });
    clearTimeout(timer);
    timer = setTimeout(save, 2000);
  }

  async function save() {
    if (busy) { again = true; return; }
    const fields = typed();
    if (paused || same(fields, server)) return;
    busy = true;
    say(words.saving);
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST", body: said(), redirect: "manual", headers: { accept: "application/json" },
      });
      // A redirect leads to the sign-in; a refused token says the same.
      if (answer.type === "opaqueredirect" || answer.status === 403) { say(words.signedOut); return; }
      const told = await answer.json();
      if (answer.ok) saved(told, fields);
      else if (told.clashes) clash(told);
      else { paused = true; say(told.detail); }
    } catch {
      say(words.offline);
      clearTimeout(timer);
      timer = setTimeout(save, 30000);
    } finally {
      busy = false;
      if (again) { again = false; save(); }
    }
  }

  function saved(told, fields) {
    version.value = told.version;
    server = fields;
    if (told.fields) {
      // What somebody else saved comes in where nothing was typed since.
      const now = typed();
      const merged = { ...told.fields };
      for (const name of Object.keys({ ...now, ...fields })) {
        if (!same({ x: now[name] ?? "" }, { x: fields[name] ?? "" })) merged[name] = now[name] ?? "";
      }
      put(merged);
      server = told.fields;
      say(`${told.sentence} ${told.taken.join(", ")}`);
    } else {
      say(told.saved);
    }
    if (same(typed(), server)) kept.drop();
    else changed();
  }

  function clash(told) {
    // Told once, with both values; from here on only the button saves.
    paused = true;
    version.value = told.version;
    kept.write({ version: version.value, fields: typed(), at: Date.now() });
    const lines = told.clashes.map((one) => `${one.label}: ${words.mine} ${one.mine}, ${words.theirs} ${one.theirs}`);
    say(`${told.sentence} ${words.clash} ${lines.join("; ")}`);
    status.classList.add("note", "bad");
    put({ ...told.fields });
  }

  const copy = kept.read();
  if (copy && same(copy.fields, server)) kept.drop();
  else if (copy) {
    offer(words.found, copy);
    box.querySelector("[data-use]").addEventListener("click", () => {
      put(copy.fields);
      version.value = copy.version;
      box.hidden = true;
      changed();
    });
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    kept.write({ version: version.value, fields: typed(), at: Date.now(), sent: true });
  });
  addEventListener("online", save);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
} else if (box) {
  const copy = kept.read();
  // What was sent by the button has arrived: this page is its answer.
  if (copy?.sent) kept.drop();
  else if (copy) offer(words.unsent, copy);
}
