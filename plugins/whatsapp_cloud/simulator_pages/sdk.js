// A simulated Facebook SDK: init and login, as far as a sign-up takes them.
"use strict";

(() => {
  const dialogUrl = "DIALOG_URL";
  let app = null;

  function login(callback, options) {
    const query = new URLSearchParams({
      app_id: app.appId,
      config_id: options.config_id,
      extras: JSON.stringify(options.extras || {}),
    });
    const popup = window.open(`${dialogUrl}?${query}`, "facebook-login", "width=640,height=780");
    if (!popup) return; // blocked: the real one does not call back either
    let answered = false;
    function answer(response) {
      if (answered) return;
      answered = true;
      window.removeEventListener("message", hear);
      clearInterval(watch);
      callback(response);
    }
    function hear(event) {
      if (event.source !== popup || event.origin !== new URL(dialogUrl).origin) return;
      if (event.data && event.data.simulated === "code") {
        answer({ status: "connected", authResponse: { code: event.data.code, userID: null, expiresIn: null } });
      }
    }
    const watch = setInterval(() => {
      if (popup.closed) setTimeout(() => answer({ status: "unknown", authResponse: null }), 300);
    }, 100);
    window.addEventListener("message", hear);
  }

  window.FB = { init(given) { app = given; }, login };
  if (window.fbAsyncInit) window.fbAsyncInit();
})();
