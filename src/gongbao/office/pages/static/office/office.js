// The office's one script: live refresh, keyboard, and small conveniences. Everything works without it.
"use strict";
(() => {
  const body = document.body;

  // Live: one event stream; what wants to follow says hx-trigger="live from:body". Without a stream, ask now and then.
  const address = body.dataset.live;
  if (address) {
    let last = body.dataset.pulse || null;
    const changed = (token) => {
      if (last !== null && token !== last) {
        body.dispatchEvent(new CustomEvent("live", { bubbles: true }));
      }
      last = token;
    };
    const poll = () =>
      fetch(address + "now/", { headers: { Accept: "text/plain" } })
        .then((answer) => (answer.ok ? answer.text() : null))
        .then((token) => token !== null && changed(token))
        .catch(() => {});
    let polling = null;
    const source = window.EventSource ? new EventSource(address) : null;
    const fall = () => { polling ??= setInterval(poll, 10000); };
    if (source) {
      source.addEventListener("pulse", (event) => {
        clearInterval(polling);
        polling = null;
        changed(event.data);
      });
      source.onerror = fall;
    } else {
      fall();
    }
  }

  // Chips that count down keep counting.
  const words = (seconds) => {
    const s = Math.abs(seconds);
    const d = Math.floor(s / 86400), h = Math.floor((s % 86400) / 3600), m = Math.floor((s % 3600) / 60);
    if (d >= 3) return `${d}天`;
    if (d >= 1) return h ? `${d}天${h}小时` : `${d}天`;
    if (h >= 1) return m ? `${h}小时${m}分` : `${h}小时`;
    return `${m}分`;
  };
  const shift = Number(body.dataset.offset || 0) * 1000;
  setInterval(() => {
    const now = Date.now() + shift;
    for (const chip of document.querySelectorAll(".due[data-due]")) {
      const left = (Date.parse(chip.dataset.due) - now) / 1000;
      chip.textContent = left >= 0 ? `剩${words(left)}` : `逾期${words(left)}`;
      chip.classList.toggle("over", left < 0);
      chip.classList.toggle("soon", left >= 0 && left < 6 * 3600);
    }
  }, 20000);

  // Keyboard: / finds, g and a letter goes to a room, ? lists the keys.
  let waiting = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog[open], [contenteditable]")) return;
    if (waiting) {
      waiting = false;
      const link = document.querySelector(`.rooms a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1500); }
    if (event.key === "/") { event.preventDefault(); document.querySelector("#find")?.focus(); }
    if (event.key === "?") document.querySelector("#keys")?.showModal();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    const fill = event.target.closest("[data-fill]");
    if (fill) {
      for (const [name, value] of Object.entries(JSON.parse(fill.dataset.fill))) {
        const input = document.querySelector(`[name="${CSS.escape(name)}"]`);
        if (input) { input.value = value; input.dispatchEvent(new Event("change", { bubbles: true })); }
      }
    }
    if (event.target.closest("[data-print]")) window.print();
  });
  // On a narrow screen the room and the tab one stands on are scrolled into sight.
  for (const here of document.querySelectorAll(".rooms [aria-current], .tabs [aria-current]")) {
    const bar = here.parentElement, at = here.getBoundingClientRect(), frame = bar.getBoundingClientRect();
    bar.scrollLeft += at.left - frame.left - (frame.width - at.width) / 2;
  }
  // A form is sent once; an action opened by its address is shown open, and errors get the focus.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.hasAttribute("hx-post")) return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.target.method === "post") event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));
  document.querySelector(".errors")?.focus();
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") target.open = true;
})();
