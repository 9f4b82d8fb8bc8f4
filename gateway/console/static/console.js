// Keeps the open page true: when something happens its parts are read again from the server.
// Everything works without this script as well, by reloading.
"use strict";

const { here, live, parts } = document.body.dataset;
const served = new Map(); // how the server sent each part last, before anything changed here

const SLOW = 30_000; // also while the stream is up: the window closes without an event
const FALLBACK = 5_000; // while there is no stream

// ---- Times in the reader's own zone

function localise(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const far = at.toDateString() !== today;
    time.title = at.toLocaleString();
    time.textContent = at.toLocaleString([], {
      ...(far && { day: "numeric", month: "short" }),
      hour: "2-digit",
      minute: "2-digit",
      ...("exact" in time.dataset && { second: "2-digit" }),
    });
  }
}

// ---- Replacing a part without taking away what somebody types or where they are

function remember(part) {
  const typed = new Map();
  for (const input of part.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    const begun = input.tagName === "SELECT"
      ? [...input.options].some((option) => option.selected !== option.defaultSelected)
      : input.value !== input.defaultValue || input.hasAttribute("aria-invalid");
    if (input.id && begun) typed.set(input.id, input.value);
  }
  const open = [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  let range = null;
  try {
    range = active && [active.selectionStart, active.selectionEnd];
  } catch { /* not every field has a selection */ }
  return { typed, open, focus: active && active.id, range, top: part.scrollTop };
}

function restore(part, kept) {
  for (const [id, value] of kept.typed) {
    const input = document.getElementById(id);
    if (input && part.contains(input)) input.value = value;
  }
  for (const [id, open] of kept.open) {
    const details = document.getElementById(id);
    if (details && part.contains(details)) details.open = open;
  }
  const focus = kept.focus && document.getElementById(kept.focus);
  if (focus && part.contains(focus)) {
    focus.focus({ preventScroll: true });
    if (kept.range && kept.range[0] !== null && focus.setSelectionRange) {
      try { focus.setSelectionRange(...kept.range); } catch { /* not a text field */ }
    }
  }
  part.scrollTop = kept.top;
}

function replacePart(now, next) {
  const kept = remember(now);
  now.replaceWith(next);
  localise(next);
  begin(next);
  restore(next, kept);
  next.querySelectorAll("[data-preview]").forEach(preview);
}

// A log only grows at its end and changes the fate of what is there: nothing is read out twice.
function growLog(now, next) {
  let fresh = 0;
  for (const bubble of [...next.children]) {
    const known = bubble.id && document.getElementById(bubble.id);
    localise(bubble);
    if (known && known.dataset.form !== bubble.dataset.form) {
      known.replaceWith(bubble);
    } else if (known) {
      known.querySelector("[data-state]").replaceWith(bubble.querySelector("[data-state]"));
    } else {
      if (bubble.id) now.querySelector(":scope > .none")?.remove();
      if (bubble.id || !now.children.length) { now.append(bubble); fresh += 1; }
    }
  }
  return fresh;
}

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
}

function toEnd(log) {
  log.scrollTop = log.scrollHeight;
  document.querySelector(".jump")?.remove();
}

function offerJump(log, fresh) {
  let button = document.querySelector(".jump");
  if (!button) {
    button = document.createElement("button");
    button.className = "jump";
    button.dataset.count = "0";
    button.addEventListener("click", () => toEnd(log));
    log.after(button);
  }
  button.dataset.count = String(Number(button.dataset.count) + fresh);
  const many = button.dataset.count === "1" ? "message" : "messages";
  button.textContent = `${button.dataset.count} new ${many} ↓`;
}

function take(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const log = document.querySelector("[data-log]");
  const stays = log && isAtEnd(log);
  let fresh = 0;
  for (const next of answer.querySelectorAll("[data-fragment]")) {
    const now = document.getElementById(next.id);
    const text = next.outerHTML;
    if (!now || served.get(next.id) === text) continue;
    served.set(next.id, text);
    if (now === log) fresh = growLog(log, document.adoptNode(next));
    else replacePart(now, document.adoptNode(next));
  }
  if (answer.title) document.title = answer.title;
  if (stays) toEnd(log);
  else if (fresh) offerJump(log, fresh);
  schedule();
}

// ---- Reading again

let reading = false;
let again = false;
let connected = false;
let timer = null;

async function refresh() {
  if (!parts) return;
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(`${here}?fragment=${parts}`, { cache: "no-store" });
    if (answer.ok) take(await answer.text());
    else if (answer.status === 403 || answer.status === 404) location.assign(here);
  } catch { /* the gateway is away for a moment; the timer comes again */ }
  reading = false;
  if (again) { again = false; setTimeout(refresh, 300); } else schedule();
}

function schedule() {
  clearTimeout(timer);
  const hurried = document.querySelector("[data-every]");
  const pause = hurried ? 1000 * Number(hurried.dataset.every) : connected ? SLOW : FALLBACK;
  if (!document.hidden && parts) timer = setTimeout(refresh, pause);
}

// ---- Being told

let stream = null;
let name = "";
let retry = null;

function listen() {
  clearTimeout(retry);
  if (!live || !parts || !window.EventSource || stream) return;
  name = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("");
  stream = new EventSource(`${live}?name=${name}`);
  stream.onopen = () => { connected = true; refresh(); };
  stream.onmessage = () => refresh();
  stream.onerror = () => {
    connected = false;
    if (stream.readyState === EventSource.CLOSED) {
      // Refused, since all streams are taken: ask by ourselves, and try again later.
      stream = null;
      retry = setTimeout(listen, 60_000);
    }
    schedule();
  };
}

function hush() {
  clearTimeout(retry);
  clearTimeout(timer);
  if (stream) {
    stream.close();
    // The server would notice at its next heartbeat only, and streams are few.
    const headers = { "X-CSRF-Token": document.querySelector("[name=csrf_token]").value };
    fetch(`${live}/${name}`, { method: "DELETE", headers, keepalive: true }).catch(() => {});
  }
  stream = null;
  connected = false;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hush();
  else { listen(); refresh(); }
});
window.addEventListener("pagehide", hush);
window.addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });

// ---- Forms

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const buttons = [...form.querySelectorAll("button")];
  if (!form.matches("[data-quiet]")) {
    if (form.matches("[data-once]")) setTimeout(() => buttons.forEach((one) => { one.disabled = true; }));
    return;
  }
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  buttons.forEach((one) => { one.disabled = true; });
  const text = form.querySelector("[data-draft]");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.redirected && answer.ok) {
      form.reset();
      if (text) { text.value = ""; draft(text); }
      // The part may be the same as before: it begins again empty all the same.
      served.delete("composer");
    }
    take(await answer.text());
    document.querySelector("#composer [data-focus]")?.focus();
    const log = document.querySelector("[data-log]");
    if (answer.redirected && log) toEnd(log);
    if (text) document.getElementById(text.id)?.focus();
  } catch {
    form.submit();
  }
  delete form.dataset.busy;
  buttons.forEach((one) => { one.disabled = false; });
});

document.addEventListener("keydown", (event) => {
  const send = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (send && event.target.matches?.("textarea")) event.target.form.requestSubmit();
});

// What is typed survives a window that closes meanwhile, and a reload.
function draft(text) {
  const name = `draft ${text.dataset.draft}`;
  if (text.value) sessionStorage.setItem(name, text.value);
  else sessionStorage.removeItem(name);
}

function preview(form) {
  const shown = form.querySelector("[data-text]");
  shown.textContent = shown.dataset.text.replace(/\{\{\s*(\d+)\s*\}\}/g, (blank, number) =>
    form.elements[`blank-${number}`]?.value || blank);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-draft]")) draft(event.target);
  const form = event.target.closest("[data-preview]");
  if (form) preview(form);
});

function begin(root) {
  for (const text of root.querySelectorAll("[data-draft]")) {
    text.value ||= sessionStorage.getItem(`draft ${text.dataset.draft}`) || "";
  }
}

// ---- The beginning

for (const part of document.querySelectorAll("[data-fragment]")) served.set(part.id, part.outerHTML);
localise(document);
begin(document);
const log = document.querySelector("[data-log]");
if (log) {
  toEnd(log);
  log.addEventListener("scroll", () => { if (isAtEnd(log)) document.querySelector(".jump")?.remove(); });
}
document.querySelector("[data-focus]")?.focus();
listen();
schedule();
