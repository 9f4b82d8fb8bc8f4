// The simulated phone: writes through the panel, and looks every second what came.
"use strict";

const { phone, line } = document.body.dataset;
const form = document.getElementById("write");
const body = document.getElementById("body");
let last = "";

function localise(root) {
  for (const time of root.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime)
      .toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
}

async function look() {
  const address = `${location.pathname}?fragment=chat&line=${encodeURIComponent(line)}`;
  const html = await (await fetch(address, { cache: "no-store" })).text();
  if (html === last) return;
  last = html;
  const next = new DOMParser().parseFromString(html, "text/html");
  const chat = document.getElementById("chat");
  const log = chat.querySelector(".log");
  localise(next);
  chat.querySelector("header").replaceWith(next.querySelector("header"));
  for (const bubble of next.querySelectorAll("article")) {
    const known = document.getElementById(bubble.id);
    if (known) {
      if (known.innerHTML !== bubble.innerHTML) known.replaceWith(bubble);
      continue;
    }
    log.querySelector(".none")?.remove();
    log.append(bubble);
    log.scrollTop = log.scrollHeight;
  }
}

async function write(message) {
  const wrong = form.querySelector(".wrong");
  const answer = await fetch(`/sandbox/phones/${encodeURIComponent(phone)}/messages`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ to: line, ...message }),
  });
  wrong.hidden = answer.ok;
  if (!answer.ok) wrong.textContent = (await answer.json()).error.detail;
  await look();
  return answer.ok;
}

async function watch() {
  try {
    if (!document.hidden) await look();
  } catch { /* the sandbox is away for a moment */ }
  setTimeout(watch, 1000);
}

if (form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = body.value.trim();
    if (text && await write({ type: "text", text: { body: text } })) body.value = "";
    body.focus();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-send]");
    if (button) write(JSON.parse(button.dataset.send));
  });
  localise(document);
  const log = document.querySelector(".log");
  log.scrollTop = log.scrollHeight;
  watch();
}
