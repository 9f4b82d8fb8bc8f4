// Opens Meta's sign-up and hands in what it says, at once and in whatever order it comes: the code
// lives 30 seconds. The server believes none of it; it asks Meta what was granted.
"use strict";

const page = document.body.dataset;
const button = document.getElementById("open");
const notices = ["loading", "working", "checking", "no-sdk", "blocked", "closed", "not-sent"];
const CODE_LIVES = 30_000;
const STEPS = 2_000;

let begun = false; // whatever is said before a click was not said to us
let left = false; // Meta's page itself said that it was left

function say(...shown) {
  for (const id of notices) document.getElementById(id).hidden = !shown.includes(id);
}

// ---- What Meta's window says

function isMetas(origin) {
  if (origin === page.origin) return true; // it serves the script that runs here
  let url;
  try { url = new URL(origin); } catch { return false; } // "null", say
  const { protocol, hostname, port } = url;
  return protocol === "https:" && port === "" && (hostname === "facebook.com" || hostname.endsWith(".facebook.com"));
}

function heard(text) {
  if (typeof text !== "string") return null;
  let message;
  try { message = JSON.parse(text); } catch { return null; } // the script's own chatter
  const isOurs = message && message.type === "WA_EMBEDDED_SIGNUP" && typeof message.event === "string";
  return isOurs ? message : null;
}

function short(value, length) {
  return value === undefined || value === null ? undefined : String(value).slice(0, length);
}

window.addEventListener("message", (event) => {
  if (!begun || !isMetas(event.origin)) return;
  const message = heard(event.data);
  if (!message) return;
  const data = message.data || {};
  left = message.event === "CANCEL";
  if (left) say("closed");
  report({
    event: short(message.event, 60),
    waba_id: short(data.waba_id, 30),
    phone_number_id: short(data.phone_number_id, 30),
    current_step: short(data.current_step, 60),
    error: short(data.error_message, 500),
    session_id: short(data.session_id, 100),
  });
});

// ---- Handing in

async function report(what) {
  const until = Date.now() + CODE_LIVES;
  while (Date.now() < until) {
    try {
      const answer = await fetch(page.report, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(what),
        keepalive: true,
      });
      if (answer.status < 500) { await look(); return; } // 409: it arrived before, its answer did not
    } catch { /* the connection broke: once more */ }
    await new Promise((after) => { setTimeout(after, 1_000); });
  }
  if (what.code) say("not-sent");
}

// ---- Opening

function answered(response) {
  button.disabled = false;
  const code = response && response.authResponse && response.authResponse.code;
  if (code) {
    say("checking");
    report({ code });
  } else if (!left) {
    say("closed");
    report({ event: "CANCEL" });
  }
}

button.addEventListener("click", () => {
  begun = true;
  left = false;
  let blocked = false;
  const open = window.open;
  window.open = (...given) => {
    const opened = open.apply(window, given);
    blocked = !opened;
    return opened;
  };
  try {
    window.FB.login(answered, JSON.parse(page.options));
  } finally {
    window.open = open;
  }
  say(blocked ? "blocked" : "working");
});

// ---- How far it is

const place = document.getElementById("state");
const begin = document.getElementById("begin");
let served = place.innerHTML.trim();

// As the browser writes it, so that what did not change stays as its reader has it.
function written(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  return fresh.innerHTML.trim();
}

async function look() {
  try {
    const answer = await fetch(page.state, { cache: "no-store" });
    const html = answer.ok ? written(await answer.text()) : served;
    if (html === served) return;
    served = html;
    place.innerHTML = html;
    const { connected, opens, problem } = place.firstElementChild.dataset;
    if (connected === "yes" || problem === "yes") say();
    begin.hidden = opens === "no";
    place.scrollIntoView({ block: "nearest" });
  } catch { /* the gateway is away for a moment */ }
}

setInterval(() => { if (!document.hidden) look(); }, STEPS);

// ---- The beginning

window.fbAsyncInit = () => {
  window.FB.init({ appId: page.app, autoLogAppEvents: true, xfbml: false, version: page.version });
  button.disabled = false;
  say();
};
const sdk = document.createElement("script");
sdk.src = page.sdk;
sdk.async = true;
sdk.addEventListener("error", () => say("no-sdk"));
document.head.append(sdk);
