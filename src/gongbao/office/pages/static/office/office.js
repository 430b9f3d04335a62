// The office's one script: live refresh, keyboard, and small conveniences. Everything works without it.
"use strict";
(() => {
  const body = document.body;

  // Live: one event stream; what wants to follow says hx-trigger="live from:body". A page where nothing does, or that
  // nobody looks at, holds none (a browser has few connections to one server); where a stream is refused, ask now and
  // then until it is not.
  const announce = () => body.dispatchEvent(new CustomEvent("live", { bubbles: true }));
  const expired = () => {
    if (document.querySelector("#expired")) return;
    const note = document.createElement("p");
    const link = document.createElement("a");
    note.id = "expired";
    note.className = "note open";
    note.setAttribute("role", "alert");
    link.href = location.href;
    link.textContent = "重新登录";
    note.append("登录已过期，此页不再更新；", link, "。");
    document.querySelector("main").prepend(note);
  };
  const address = body.dataset.live;
  if (address && document.querySelector('[hx-trigger*="live from:body"]')) {
    const alone = new URL(address, location.href);
    alone.pathname += "now/";
    let last = body.dataset.pulse || null, source = null, polling = null;
    const changed = (token) => {
      if (last !== null && token !== last) announce();
      last = token;
    };
    const quiet = () => { clearInterval(polling); polling = null; };
    const listen = () => {
      if (source && source.readyState !== EventSource.CLOSED) return;
      source = new EventSource(address);
      source.addEventListener("pulse", (event) => { quiet(); changed(event.data); });
      source.onerror = () => { polling ??= setInterval(poll, 5000); };
    };
    const poll = () =>
      fetch(alone, { headers: { Accept: "text/plain" } })
        .then((answer) => {
          if (answer.status === 401) { quiet(); source.close(); expired(); }
          return answer.ok ? answer.text() : null;
        })
        .then((token) => { if (token !== null) { changed(token); listen(); } })
        .catch(() => {});
    const follow = () => {
      if (!document.hidden) return listen();
      quiet();
      source?.close();
    };
    document.addEventListener("visibilitychange", follow);
    follow();
  }
  body.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 401) expired(); });

  // A live part that changes keeps what a person has there: the focus, what is unfolded, how far it is scrolled. While a
  // field there is in use or holds what was not sent, it waits.
  const live = (part) => (part.getAttribute("hx-trigger") || "").includes("live from:body");
  const fields = "input:not([type=hidden]), textarea, select";
  const unsent = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  };
  const inUse = (part) =>
    part.contains(document.activeElement) && document.activeElement.matches(fields)
    || [...part.querySelectorAll(fields)].some(unsent);
  const name = (one) => {
    const row = one.closest("tr, li");
    const of = row?.querySelector("a[href]")?.getAttribute("href") ?? row?.querySelector("[name=task]")?.value ?? "";
    const words = one.matches("details") ? one.querySelector("summary")?.textContent : one.textContent;
    return one.id || [one.tagName, of, one.getAttribute("href") ?? one.getAttribute("name") ?? words].join("|");
  };
  const FOLDS = "details", SCROLLS = ".wide", FOCUS = "a[href], button, summary, [tabindex]";
  const here = new WeakMap();
  body.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (!event.detail.shouldSwap || !live(part)) return;
    if (inUse(part)) {
      event.detail.shouldSwap = false;
      if (part.dataset.waits) return;
      part.dataset.waits = "1";
      const note = document.createElement("p");
      note.className = "note";
      note.setAttribute("role", "status");
      note.textContent = "有新的变化，您填写的内容提交或清除后显示。";
      part.prepend(note);
      return;
    }
    delete part.dataset.waits;
    const focusable = [...part.querySelectorAll(FOCUS)], at = focusable.indexOf(document.activeElement);
    here.set(part, {
      at, focus: at < 0 ? null : name(focusable[at]), nth: at < 0 ? 0 : focusable.slice(0, at).filter((f) => name(f) === name(focusable[at])).length,
      folds: new Map([...part.querySelectorAll(FOLDS)].map((fold) => [name(fold), fold.open])),
      scrolls: [...part.querySelectorAll(SCROLLS)].map((one) => one.scrollLeft),
    });
  });
  body.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.target, was = here.get(part);
    if (!was) return;
    here.delete(part);
    for (const fold of part.querySelectorAll(FOLDS)) fold.open = was.folds.get(name(fold)) ?? fold.open;
    part.querySelectorAll(SCROLLS).forEach((one, n) => { one.scrollLeft = was.scrolls[n] ?? 0; });
    if (was.at < 0) return;
    const focusable = [...part.querySelectorAll(FOCUS)], same = focusable.filter((one) => name(one) === was.focus);
    const next = same[was.nth] ?? same[0] ?? focusable[Math.min(was.at, focusable.length - 1)];
    next?.focus({ preventScroll: true });
  });
  const goOn = (event) => {
    const part = event.target.closest("[data-waits]");
    if (part) setTimeout(() => { if (part.dataset.waits && !inUse(part)) announce(); }, 50);
  };
  body.addEventListener("focusout", goOn);
  body.addEventListener("change", goOn);

  // Chips that count down keep counting.
  const words = (seconds) => {
    const s = Math.abs(seconds);
    const d = Math.floor(s / 86400), h = Math.floor((s % 86400) / 3600), m = Math.floor((s % 3600) / 60);
    if (d >= 3) return `${d}天`;
    if (d >= 1) return h ? `${d}天${h}小时` : `${d}天`;
    if (h >= 1) return m ? `${h}小时${m}分` : `${h}小时`;
    return `${m}分`;
  };
  const shift = Number(body.dataset.offset || 0) * 1000, rate = Number(body.dataset.rate ?? 1), began = Date.now();
  setInterval(() => {
    const now = began + shift + (Date.now() - began) * rate;
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
