/* Monitoring visits where there is no signal: a visit is kept on this device and sent when there is a connection.
   Without this file the same forms are sent by their buttons.

   What waits belongs to one person (data-person): nobody else sees it or sends it. Each visit has a key that is made
   here, so that what arrives twice is one visit. The time and the fingerprint of a photograph are read from the picture
   as the camera kept it, before it is made smaller. */
"use strict";

const box = document.getElementById("device");
const words = document.getElementById("visit-words").dataset;
const person = box.dataset.person;
const forms = [...document.querySelectorAll("form[data-visit]")];
const LONGEST_SIDE = 1600, QUALITY = 0.82, RETRY = 30000;
// So long the list tells what was sent.
const TOLD = 3 * 24 * 3600 * 1000;

// The store ---------------------------------------------------------------------------------------------

let opened;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("kunjungan", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("visits", { keyPath: "key" }).createIndex("person", "person");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function store(mode, act) {
  const transaction = (await database()).transaction("visits", mode);
  return new Promise((resolve, reject) => {
    const request = act(transaction.objectStore("visits"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
  });
}

const kept = {
  put: (entry) => store("readwrite", (visits) => visits.put(entry)),
  drop: (key) => store("readwrite", (visits) => visits.delete(key)),
  // This person's alone, the oldest first.
  async all() {
    const found = await store("readonly", (visits) => visits.index("person").getAll(person));
    return found.sort((one, other) => one.at - other.at);
  },
};

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Photographs -------------------------------------------------------------------------------------------

// "2026:11:25 09:12:00" of the Exif block of a JPEG as "2026-11-25T09:12:00", with its zone where the camera wrote one.
function takenAt(buffer) {
  try {
    const view = new DataView(buffer);
    if (view.getUint16(0) !== 0xffd8) return "";
    for (let at = 2; at + 4 < view.byteLength && view.getUint8(at) === 0xff;) {
      const marker = view.getUint8(at + 1), size = view.getUint16(at + 2);
      // The pixels begin; nothing is told behind them.
      if (marker === 0xda) return "";
      if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) return ofExif(view, at + 10);
      at += 2 + size;
    }
  } catch { /* cut short, or told wrongly: not known */ }
  return "";
}

function ofExif(view, base) {
  const isLittle = view.getUint16(base) === 0x4949;
  const short = (at) => view.getUint16(base + at, isLittle), long = (at) => view.getUint32(base + at, isLittle);
  const find = (directory, tag) => {
    for (let number = 0; number < short(directory); number++) {
      const entry = directory + 2 + 12 * number;
      if (short(entry) === tag) return entry;
    }
    return null;
  };
  const text = (entry) => {
    const length = long(entry + 4), start = length > 4 ? long(entry + 8) : entry + 8;
    return String.fromCharCode(...new Uint8Array(view.buffer, base + start, length)).replace(/\0.*/s, "").trim();
  };
  const pointer = find(long(4), 0x8769);
  if (pointer === null) return "";
  const exif = long(pointer + 8), original = find(exif, 0x9003), offset = find(exif, 0x9011);
  const said = original === null ? null : /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(text(original));
  if (!said) return "";
  const zone = offset === null ? "" : (/^[+-]\d\d:\d\d$/.exec(text(offset)) ?? [""])[0];
  return `${said[1]}-${said[2]}-${said[3]}T${said[4]}${zone}`;
}

async function fingerprint(buffer) {
  if (!crypto.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What cannot be made smaller goes as it is; the office says what is wrong with it.
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (blob) return { blob, name: `${file.name.replace(/\.[^.]*$/, "")}.jpg` };
  } catch { /* not a picture that this browser knows */ }
  return { blob: file, name: file.name };
}

async function photo(file) {
  const buffer = await file.arrayBuffer();
  const told = { taken: takenAt(buffer), original: await fingerprint(buffer) };
  const { blob, name } = await smaller(file);
  // The bytes and not the file: what a phone hands out may be gone when the connection is back.
  return { ...told, name, type: blob.type, bytes: blob === file ? buffer : await blob.arrayBuffer() };
}

// Keeping what was entered ------------------------------------------------------------------------------

// The photographs of a visit that is being mended.
const restored = new WeakMap();
const CARRIED = ["csrfmiddlewaretoken", "foto"];

async function entryOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) if (!CARRIED.includes(name)) fields[name] = value;
  const photos = [...restored.get(form) ?? []];
  for (const file of form.elements.foto.files) photos.push(await photo(file));
  return {
    key: fields.key, person, url: form.getAttribute("action"), title: form.dataset.title,
    fields, photos, at: Date.now(), state: "waiting", reason: "",
  };
}

// The form as it was when the page came, with the key of the next visit.
function renew(form) {
  form.reset();
  restored.delete(form);
  form.elements.key.value = newKey();
  form.querySelector("[data-restored]").textContent = "";
  named(form);
}

// Beside the button, which on a phone is far from the list: what became of the visit that was saved there last.
function tell(said, entry) {
  said.className = entry ? `msg ${KINDS[entry.state]}` : "";
  said.textContent = entry ? { sent: words.arrived, refused: entry.reason }[entry.state] ?? words.kept : "";
}

async function keep(form, said) {
  const button = form.querySelector("button");
  button.disabled = true;
  let entry;
  try {
    entry = await entryOf(form);
    await kept.put(entry);
  } catch {
    // This device keeps nothing: the plain form goes, and what came of it is on the page that follows.
    form.submit();
    return;
  } finally {
    button.disabled = false;
  }
  renew(form);
  said.dataset.key = entry.key;
  await show();
  await send();
}

function named(form) {
  const holder = form.elements.holder;
  if (holder) form.elements.holder_name.required = (words.named ?? "").split(" ").includes(holder.value);
}

const dayHere = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Makassar" }).format(new Date());

for (const form of forms) {
  const said = form.querySelector("[data-said]");
  const day = form.elements.visited_on;
  let isTouched = false;
  form.elements.key.value = newKey();
  form.elements.holder?.addEventListener("change", () => named(form));
  day.addEventListener("change", () => { isTouched = true; });
  // Opened at the office the evening before, filled in at the market.
  const bringUp = () => {
    day.max = dayHere();
    if (!isTouched && day.value === day.defaultValue && day.value < day.max) day.value = day.max;
  };
  if (form.closest("details").querySelector(".errors") === null) {
    form.closest("details").addEventListener("toggle", bringUp);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(form, said);
  });
}

// Sending -----------------------------------------------------------------------------------------------

let isBusy = false, isAgain = false, timer, token = forms[0]?.elements.csrfmiddlewaretoken.value ?? "";
const refusesPerson = (answer) => answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
const status = (text) => { box.querySelector("[data-status]").textContent = text; };

async function send() {
  if (isBusy) { isAgain = true; return; }
  isBusy = true;
  clearTimeout(timer);
  try {
    let isAll = true;
    for (const entry of await kept.all()) {
      if (entry.state !== "waiting") continue;
      status(words.sending);
      const problem = await attempt(entry);
      await show();
      if (problem) { status(problem); isAll = false; break; }
    }
    if (isAll) status((await kept.all()).some((entry) => entry.state === "refused") ? "" : words.all);
  } catch { /* a forbidden storage holds nothing */
  } finally {
    isBusy = false;
    if (isAgain) { isAgain = false; send(); }
  }
}

function retry() {
  clearTimeout(timer);
  timer = setTimeout(send, RETRY);
}

// Why it could not be sent now, or nothing where it was, or where the office refused it.
async function attempt(entry) {
  try {
    let answer = token ? await post(entry) : null;
    if (!answer || refusesPerson(answer)) {
      const problem = await takeToken(entry);
      if (problem) return problem;
      if (entry.state !== "waiting") return "";
      answer = await post(entry);
    }
    if (refusesPerson(answer)) return words.signedOut;
    return await settle(entry, answer);
  } catch {
    retry();
    return words.offline;
  }
}

function post(entry) {
  const data = new FormData();
  for (const [name, value] of Object.entries(entry.fields)) data.append(name, value);
  data.set("csrfmiddlewaretoken", token);
  data.set("person", entry.person);
  for (const one of entry.photos) {
    data.append("foto", new Blob([one.bytes], { type: one.type }), one.name);
    data.append("foto_waktu", one.taken);
    data.append("foto_asli", one.original);
  }
  return fetch(entry.url, { method: "POST", body: data, redirect: "manual", headers: { accept: "application/json" } });
}

async function settle(entry, answer) {
  if (answer.status >= 500) { retry(); return words.failed; }
  if (answer.status === 404) return refuse(entry, words.gone);
  if (answer.status === 413) return refuse(entry, words.tooLarge);
  if (!answer.headers.get("content-type")?.includes("json")) { retry(); return words.failed; }
  const told = await answer.json();
  if (!answer.ok) return refuse(entry, told.detail);
  // The photographs need not stay on the device.
  const { key, title, at } = entry;
  await kept.put({ key, person, title, at, sentAt: Date.now(), state: "sent", reason: [told.sentence, ...told.marks].join(" "), photos: [] });
  return "";
}

async function refuse(entry, reason) {
  entry.state = "refused";
  await kept.put({ ...entry, reason });
  return "";
}

// Signed in again in another window, the token of this page is old. A page of somebody else gives none.
async function takeToken(entry) {
  const answer = await fetch(entry.url, { redirect: "manual", cache: "no-store", headers: { accept: "text/html" } });
  if (answer.status === 404) { await refuse(entry, words.gone); return ""; }
  if (!answer.ok) return words.signedOut;
  const there = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (there.getElementById("device")?.dataset.person !== person) return words.other;
  const found = there.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!found) return words.failed;
  token = found;
  return "";
}

// The list ----------------------------------------------------------------------------------------------

const KINDS = { waiting: "way", refused: "bad", sent: "ok" };

function element(name, text, css) {
  const made = document.createElement(name);
  made.textContent = text;
  if (css) made.className = css;
  return made;
}

function button(label, title, css, act) {
  const made = element("button", label, css);
  made.type = "button";
  made.append(element("span", `: ${title}`, "vh"));
  made.addEventListener("click", act);
  return made;
}

function row(entry) {
  const item = document.createElement("li");
  const at = new Date(entry.sentAt ?? entry.at).toLocaleString("id-ID", { timeZone: "Asia/Makassar", dateStyle: "medium", timeStyle: "short" });
  const head = document.createElement("p");
  head.append(element("span", words[entry.state], `badge ${KINDS[entry.state]}`), ` ${entry.title} `, element("span", `${at} WITA`, "meta"));
  item.append(head);
  if (entry.reason) item.append(element("p", entry.reason));
  if (entry.state === "sent") return item;
  const acts = element("p", "", "row");
  const form = forms.find((one) => one.getAttribute("action") === entry.url && (one.elements.unit?.value ?? "") === (entry.fields.unit ?? ""));
  if (form && entry.state === "refused") acts.append(button(words.edit, entry.title, "btn alt", () => mend(form, entry)));
  if (!form && entry.state === "refused") {
    // Its form is on another page.
    const link = element("a", words.edit, "btn alt");
    link.href = entry.fields.unit ? `${entry.url}?unit=${encodeURIComponent(entry.fields.unit)}` : entry.url;
    link.append(element("span", `: ${entry.title}`, "vh"));
    acts.append(link);
  }
  acts.append(button(words.drop, entry.title, "btn no", async () => {
    if (!confirm(words.sure)) return;
    await kept.drop(entry.key);
    await show();
  }));
  item.append(acts);
  return item;
}

// Puts a refused visit back into its form, under its own key: saved again it takes the place of this one.
function mend(form, entry) {
  for (const control of form.elements) {
    if (!control.name || [...CARRIED, "person"].includes(control.name)) continue;
    if (control.type === "radio") control.checked = control.value === entry.fields[control.name];
    else control.value = entry.fields[control.name] ?? "";
  }
  restored.set(form, entry.photos);
  form.querySelector("[data-restored]").textContent = entry.photos.length ? `${words.photos} ${entry.photos.length}` : "";
  named(form);
  form.closest("details").open = true;
  form.elements.visited_on.focus();
}

async function show() {
  let entries = [];
  try {
    entries = await kept.all();
    for (const entry of entries.filter((one) => one.state === "sent" && one.sentAt < Date.now() - TOLD)) await kept.drop(entry.key);
    entries = entries.filter((one) => one.state !== "sent" || one.sentAt >= Date.now() - TOLD);
  } catch { /* a forbidden storage holds nothing */ }
  const isOpen = entries.some((entry) => entry.state !== "sent");
  box.hidden = !entries.length;
  box.classList.toggle("way", isOpen);
  box.classList.toggle("ok", !isOpen);
  box.querySelector("[data-send]").hidden = !entries.some((entry) => entry.state === "waiting");
  // What did not arrive comes first, then the newest.
  entries.sort((one, other) => (one.state === "sent") - (other.state === "sent") || other.at - one.at);
  box.querySelector("[data-entries]").replaceChildren(...entries.map(row));
  for (const said of document.querySelectorAll("[data-said][data-key]")) tell(said, entries.find((one) => one.key === said.dataset.key));
}

box.querySelector("[data-send]").addEventListener("click", send);
addEventListener("online", send);
addEventListener("focus", send);
document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
show().then(async () => { if ((await kept.all()).some((entry) => entry.state === "waiting")) send(); }).catch(() => {});
