/* The report's form saves itself: to the server while there is a connection, to this device always.
   It never submits anything. Without this file the buttons of the form do the same by hand.

   A copy on the device belongs to one report, one person and one opened page. It goes only when the office is known to
   have it: what is stored there says the same, or the page that comes names this very copy (data-arrived), or the
   person throws it away. */
"use strict";

const form = document.getElementById("report-form");
const box = document.getElementById("device");
const words = document.getElementById("report-words")?.dataset;
const about = (form ?? box)?.dataset ?? {};
const prefix = `laporan:${about.report}:`;

const kept = {
  // The newest first.
  all() {
    const found = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(prefix)) found.push({ key, ...JSON.parse(localStorage.getItem(key)) });
      }
    } catch { /* a forbidden storage holds nothing */ }
    return found.filter((copy) => copy.fields).sort((one, other) => other.at - one.at);
  },
  // A full or forbidden storage must not stop the typing; whether it was kept is told.
  write(key, copy) {
    try { localStorage.setItem(key, JSON.stringify(copy)); return true; } catch { return false; }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
};

// Texts as the office keeps them: without white space at the ends, with plain line ends.
const plain = (value) => Array.isArray(value) ? [...value].sort().join() : (value ?? "").replace(/\r\n?/g, "\n").trim();
const namesOf = (...all) => new Set(all.flatMap((fields) => Object.keys(fields ?? {})));
const same = (one, other) => [...namesOf(one, other)].every((name) => plain(one[name]) === plain(other[name]));

// The copies that the office does not have; those that it has are dropped.
function unsent(stored) {
  const arrived = (about.arrived ?? "").split(" ").map((mark) => mark.split("."));
  return kept.all().filter((copy) => {
    const isThere = arrived.some(([page, number]) => page === copy.page && Number(number) >= copy.number)
      || (stored && same(copy.fields, stored));
    if (isThere) kept.drop(copy.key);
    return !isThere;
  });
}

function problemName(key) {
  if (form) return form.querySelector(`[name=masalah][value="${CSS.escape(key)}"]`)?.labels[0].textContent.trim();
  return document.getElementById("problem-names").content.querySelector(`[data-problem="${CSS.escape(key)}"]`)?.textContent;
}

function lineName(name) {
  if (form && name === "masalah") return form.querySelector("#masalah legend").textContent;
  return document.querySelector(form ? `label.q[for="${CSS.escape(name)}"]` : `[data-line="${CSS.escape(name)}"]`)
    ?.firstChild.textContent.trim();
}

// What stands in one field, in words.
function written(name, value) {
  if (!value?.length) return words.empty;
  if (name.endsWith("-na")) return words.na;
  return Array.isArray(value) ? value.map(problemName).join(", ") : value;
}

// `["Dilatih: 62 (why)"]`: what a copy says otherwise than what stands here.
function entries(copy, stored) {
  const differs = (name) => plain(copy.fields[name]) !== plain(stored?.[name])
    && !(copy.base && plain(copy.fields[name]) === plain(copy.base[name]));
  const lines = new Set([...namesOf(copy.fields, stored)].filter(differs).map((name) => name.replace(/-(na|why)$/, "")));
  return [...lines].map((name) => {
    const said = copy.fields[name], why = copy.fields[`${name}-why`];
    const answer = !said && copy.fields[`${name}-na`] ? words.na : written(name, said);
    return `${lineName(name) ?? name}: ${answer}${why ? ` (${why})` : ""}`;
  });
}

// Shows the newest copy and what is in it; `use` is what its button does.
function offer(copies, stored, use) {
  const [copy] = copies;
  box.hidden = !copy;
  if (!copy) return;
  const at = new Date(copy.at).toLocaleString("id-ID", { timeZone: "Asia/Makassar", dateStyle: "medium", timeStyle: "short" });
  box.querySelector("[data-words]").textContent = `${words.found} ${at} WITA`;
  box.querySelector("[data-entries]").replaceChildren(...entries(copy, stored).map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
  box.querySelector("[data-drop]").onclick = () => { kept.drop(copy.key); offer(copies.slice(1), stored, use); };
  if (use) box.querySelector("[data-use]").onclick = () => offer(use(copy) ? copies.slice(1) : copies, typed(), use);
}

// What is typed, without what the form carries along.
function typed() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (["csrfmiddlewaretoken", "version", "page"].includes(name) || typeof value !== "string") continue;
    if (name === "masalah") (fields[name] ??= []).push(value);
    else fields[name] = value;
  }
  return fields;
}

function put(fields) {
  for (const control of form.elements) {
    if (!control.name || ["hidden", "submit", "file"].includes(control.type)) continue;
    const value = fields[control.name];
    if (control.name === "masalah") control.checked = (value ?? []).includes(control.value);
    else if (control.type === "checkbox") control.checked = Boolean(value);
    // What is the same but for its ends stays as it is being typed.
    else if (plain(control.value) !== plain(value)) control.value = value ?? "";
    if (control.value && control.closest("details")) control.closest("details").open = true;
  }
}

if (form) {
  const status = document.getElementById("saved");
  const version = form.elements.version;
  const page = form.elements.page.value.split(".")[0];
  const key = prefix + page;
  // What the office has: unknown where the form shows what was refused, or where no answer came.
  let server = about.unsaved === undefined ? typed() : null;
  let isSure = server !== null;
  // From a refusal on, only the button saves.
  let paused = server === null;
  // What stands in the form without having been typed since.
  const given = typed();
  let number = 0, typedAt = Date.now(), timer, busy = false, again = false, leaving = false, signedOut = false, isKept = true;

  const say = (text) => { status.textContent = text; };
  const sayKept = (text) => say(isKept ? text : words.notKept);
  const isSaved = () => isSure && same(typed(), server);

  function keep() {
    number = Math.max(number + 1, Date.now());
    isKept = kept.write(key, { page, number, version: version.value, base: server, fields: typed(), at: typedAt });
  }

  function changed() {
    typedAt = Date.now();
    clearTimeout(timer);
    if (!busy && isSaved()) return kept.drop(key);
    keep();
    if (!isKept && paused) say(words.notKept);
    timer = setTimeout(save, 2000);
  }

  async function save() {
    if (busy) { again = true; return; }
    if (paused || leaving || isSaved()) return;
    busy = true;
    clearTimeout(timer);
    try {
      if (signedOut && !await takeToken()) return;
      let answer = await send();
      // A redirect leads to the sign-in; a refused token looks like it, and may only be old.
      if (refusesPerson(answer.answer)) {
        if (!await takeToken()) return;
        answer = await send();
      }
      if (refusesPerson(answer.answer)) { signedOut = true; sayKept(words.signedOut); return; }
      if (!answer.answer.headers.get("content-type")?.includes("json")) { sayKept(words.failed); retry(); return; }
      const told = await answer.answer.json();
      if (answer.answer.ok) saved(told, answer.fields);
      else if (told.clashes) clash(told, answer.fields);
      else { paused = true; sayKept(told.detail); }
    } catch {
      // It may have arrived all the same.
      isSure = false;
      sayKept(words.offline);
      retry();
    } finally {
      busy = false;
      if (again) { again = false; save(); }
    }
  }

  function retry() {
    clearTimeout(timer);
    timer = setTimeout(save, 30000);
  }

  const refusesPerson = (answer) => answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;

  // All but the file, which only a button sends.
  async function send() {
    keep();
    say(words.saving);
    const fields = typed(), data = new FormData(form);
    data.delete("lampiran");
    data.set("page", `${page}.${number}`);
    const answer = await fetch(form.dataset.autosave, {
      method: "POST", body: data, redirect: "manual", headers: { accept: "application/json" },
    });
    return { answer, fields };
  }

  // Signed in again in another window, the token of this page is old: the new one, and nothing else, is taken.
  async function takeToken() {
    signedOut = true;
    const answer = await fetch(form.action, { redirect: "manual", headers: { accept: "text/html" } });
    if (!answer.ok) { sayKept(words.signedOut); return false; }
    const there = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("report-form");
    // Somebody else signed in, or there is no form any more.
    if (there?.dataset.report !== about.report) { paused = true; sayKept(words.reload); return false; }
    form.elements.csrfmiddlewaretoken.value = there.elements.csrfmiddlewaretoken.value;
    signedOut = false;
    return true;
  }

  // What somebody else saved comes in where nothing was typed since `fields` were sent.
  function merge(told, fields) {
    const now = typed(), merged = { ...told.fields };
    let isMet = false;
    for (const name of namesOf(now, fields, told.fields)) {
      const isTaken = plain(told.fields[name]) !== plain(fields[name]);
      if (plain(now[name]) !== plain(fields[name])) {
        merged[name] = now[name];
        isMet ||= isTaken && plain(now[name]) !== plain(told.fields[name]);
      } else if (isTaken) given[name] = told.fields[name];
    }
    put(merged);
    // What both changed in this very moment is met by the next save, at the version that this page knew.
    if (!isMet) version.value = told.version;
  }

  function saved(told, fields) {
    isSure = true;
    if (told.fields) {
      merge(told, fields);
      server = told.fields;
      say(`${told.sentence} ${told.taken.join(", ")}`);
    } else {
      version.value = told.version;
      server = fields;
      say(told.saved);
    }
    if (same(typed(), server)) kept.drop(key);
    else changed();
  }

  function clash(told, fields) {
    merge(told, fields);
    keep();
    sayMet(`${told.sentence} ${words.clash}`, told.clashes);
  }

  // Told once, with both values; from here on only the button saves.
  function sayMet(sentence, clashes) {
    paused = true;
    const lines = clashes.map((one) => `${one.label}: ${words.mine} ${one.mine}, ${words.theirs} ${one.theirs}`);
    say(`${sentence} ${lines.join("; ")}`);
    status.classList.add("note", "bad");
  }

  // Puts in what the copy changed. What was typed here since stays, and the copy's is offered on; where the office has
  // something else by now than the copy knew, both are told, and only the button saves.
  function use(copy) {
    const now = typed(), merged = { ...now }, met = [];
    let isAll = true;
    for (const name of namesOf(now, copy.fields)) {
      const text = plain(copy.fields[name]);
      if (text === plain(now[name]) || (copy.base && text === plain(copy.base[name]))) continue;
      if (plain(now[name]) !== plain(given[name])) { isAll = false; continue; }
      if (plain(given[name]) !== plain(copy.base?.[name])) met.push(name);
      merged[name] = copy.fields[name];
    }
    put(merged);
    if (met.length) sayMet(words.clash, met.map((name) => ({
      label: lineName(name.replace(/-(na|why)$/, "")) ?? name,
      mine: written(name, copy.fields[name]),
      theirs: written(name, now[name]),
    })));
    changed();
    if (isAll && (isKept || isSaved())) kept.drop(copy.key);
    return isAll;
  }

  const copies = unsent(server).filter((copy) => copy.key !== key || !same(copy.fields, given));
  offer(copies, given, use);
  if (!isSure) keep();

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    keep();
    // The page that comes says whether this very copy arrived.
    form.elements.page.value = `${page}.${number}`;
    leaving = true;
  });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("online", save);
  addEventListener("focus", () => { if (signedOut) save(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden || signedOut) save(); });
} else if (box) {
  const stored = JSON.parse(about.stored);
  offer(unsent(stored), stored);
}
