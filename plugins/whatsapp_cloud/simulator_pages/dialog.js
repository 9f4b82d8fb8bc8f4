// The steps of the simulated pop-up, and what it tells the page that opened it. Only the page that
// asks for it (`featureType`) lets a number stay in the WhatsApp Business app, by one step more.
"use strict";

const field = (name) => document.getElementById(name);
const extras = JSON.parse(new URLSearchParams(location.search).get("extras") || "{}");
const coexists = extras.featureType === "whatsapp_business_app_onboarding";
for (const part of document.querySelectorAll("[data-in-app]")) {
  if (coexists) part.hidden = false;
  else part.remove();
}
const steps = [...document.querySelectorAll("[data-step]")];
const NUMBER = steps.findIndex((step) => step.dataset.step === "PHONE_NUMBER_SETUP");
let at = 0;
let over = false;

function show(position) {
  at = position;
  steps.forEach((step, place) => { step.hidden = place !== at; });
  field("title").textContent = `${at + 1}. ${steps[at].dataset.title}`;
  field("wrong").textContent = "";
}

function tell(event, data) {
  const message = { type: "WA_EMBEDDED_SIGNUP", event, version: 4, data };
  window.opener.postMessage(JSON.stringify(message), "*");
}

async function ask(path, body) {
  const answer = await fetch(`/graph/dialog/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (answer.ok) return said;
  field("wrong").textContent = said.error.error_data.details;
  return null;
}

async function finish(withNumber) {
  const said = await ask("finish", {
    business: field("business").value,
    display_name: field("display_name").value,
    coexists,
    pre_verified_id: field("pre_verified").value,
    ...(coexists && { shares_history: field("shares_history").checked }),
    ...(withNumber && { phone: field("phone").value, code: field("code").value }),
  });
  if (!said) return;
  over = true;
  const tellings = [
    () => window.opener.postMessage({ simulated: "code", code: said.code }, "*"),
    () => tell(said.message.event, said.message.data),
  ];
  if (said.order === "event_first") tellings.reverse();
  if (said.order === "code_only") tellings[1] = () => {};
  tellings[0]();
  setTimeout(() => { tellings[1](); window.close(); }, 400);
}

async function next() {
  if (at === NUMBER && field("pre_verified").value) { await finish(false); return; }
  if (at === NUMBER) {
    const sent = await ask("number", { phone: field("phone").value, coexists });
    if (!sent) return;
    field("sent").textContent = sent.sandbox_code;
  }
  if (at === steps.length - 1) await finish(true);
  else show(at + 1);
}

function leave() {
  // Whoever is not logged in yet leaves without a word.
  if (!over && at > 0) tell("CANCEL", { current_step: steps[at].dataset.step });
  over = true;
}

function report() {
  over = true;
  tell("CANCEL", {
    error_message: field("wrong").textContent || "Something went wrong.",
    error_id: "524126",
    session_id: "f34b51dab5e0498",
    timestamp: "1746041036",
  });
  window.close();
}

// It looks like one, and says nothing.
function drawQr() {
  const dark = (x, y) => (x % 14 < 7 && y % 14 < 7 && !(x > 13 && y > 13)
    ? [0, 6].includes(x % 14) || [0, 6].includes(y % 14) || (x % 14 > 1 && x % 14 < 5 && y % 14 > 1 && y % 14 < 5)
    : (x * 7 + y * 11 + x * y) % 3 === 0);
  let path = "";
  for (let x = 0; x < 21; x += 1) for (let y = 0; y < 21; y += 1) if (dark(x, y)) path += `M${x} ${y}h1v1h-1z`;
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("d", path);
  document.querySelector(".qr").append(drawn);
}

for (const button of document.querySelectorAll("[data-next]")) button.addEventListener("click", next);
document.querySelector("[data-without-number]").addEventListener("click", () => finish(false));
document.querySelector("[data-cancel]").addEventListener("click", () => { leave(); window.close(); });
document.querySelector("[data-report]").addEventListener("click", report);
window.addEventListener("pagehide", leave);

async function offer(ids) {
  const answer = await fetch(`/graph/dialog/offers?ids=${ids.join(",")}`);
  for (const one of (await answer.json()).data) field("pre_verified").add(new Option(one.phone, one.id));
  field("offered").hidden = false;
}

const setup = extras.setup || {};
if (setup.preVerifiedPhone) offer(setup.preVerifiedPhone.ids);
field("business").value = setup.business?.name || "";
field("display_name").value = setup.phone?.displayName || "";
if (coexists) drawQr();
show(0);
