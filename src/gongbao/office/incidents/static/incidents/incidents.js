// 应急值守 by keyboard: single keys press what says data-press; in the call, Alt and a key ticks a plan, Alt+F takes over
// what was read, Ctrl+Enter opens. What is typed is kept on this machine until the incident is open.
(() => {
  "use strict";
  const typing = (event) => event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector("#now .in-place")) { document.querySelector("#now").replaceChildren(); return; }
    if (event.ctrlKey && event.key === "Enter") {
      const form = event.target.closest("form");
      if (form && form.id !== "call") { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      const rows = [...document.querySelectorAll("table.rows a.go")], at = rows.indexOf(document.activeElement);
      if (rows.length) { rows[key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)].focus(); event.preventDefault(); }
      return;
    }
    if (waiting) { waiting = false; return; }
    if (key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1500); return; }
    const target = document.querySelector(`[data-press="${CSS.escape(key)}"]`);
    if (target) { event.preventDefault(); target.click(); }
  });
  let waiting = false; // g and a letter goes to a room

  // A form shown in place takes the focus where something is still to be said.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "now") return;
    const empty = [...event.target.querySelectorAll("input:not([type=hidden], [type=file]), textarea, select")].find((f) => !f.value && f.required);
    (event.target.querySelector("textarea[name=f-said]") || empty || event.target.querySelector("textarea, input:not([type=hidden])") || event.target.querySelector("button"))?.focus();
    event.target.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("click", (event) => {
    const empty = event.target.closest("[data-empty]");
    if (empty) document.querySelector(empty.dataset.empty)?.replaceChildren();
  });

  const call = document.querySelector("#call"), DRAFT = "gongbao-call";
  if (!call) {
    if (sessionStorage.getItem("call-sent")) { sessionStorage.removeItem("call-sent"); localStorage.removeItem(DRAFT); }
    return;
  }
  const text = call.querySelector("#text"), plans = document.querySelector("#plans");
  sessionStorage.removeItem("call-sent");
  const kept = localStorage.getItem(DRAFT);
  if (!text.value && kept) { text.value = kept; setTimeout(() => text.dispatchEvent(new Event("input", { bubbles: true })), 0); }
  text.addEventListener("input", () => localStorage.setItem(DRAFT, text.value));
  call.addEventListener("submit", () => sessionStorage.setItem("call-sent", "1"));

  // The plans are asked for anew while typing; ticks and the focus stay.
  let ticks = new Set(), focused = null, unfolded = false;
  plans.addEventListener("change", (event) => {
    if (event.target.name === "plans") plans.dispatchEvent(new CustomEvent("ticked", { bubbles: false }));
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "plans") return;
    ticks = new Set([...plans.querySelectorAll("[name=plans]:checked")].map((box) => box.value));
    unfolded = Boolean(plans.querySelector("#other-plans")?.open && plans.querySelector(".why"));
    focused = plans.contains(document.activeElement) ? document.activeElement.value || document.activeElement.id : null;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "plans") return;
    const others = plans.querySelector("#other-plans");
    if (others && (unfolded || [...others.querySelectorAll("[name=plans]")].some((box) => ticks.has(box.value)))) others.open = true;
    for (const box of plans.querySelectorAll("[name=plans]")) {
      box.checked = ticks.has(box.value);
      box.closest(".plan").classList.toggle("ticked", box.checked);
    }
    if (focused) [...plans.querySelectorAll("input, button")].find((one) => one.value === focused || one.id === focused)?.focus({ preventScroll: true });
  });

  // 填入: what was read goes to its controls; the officer sees it there and may change it.
  const put = (button) => {
    for (const line of button.dataset.put.split("\n")) {
      const at = line.indexOf("="), name = line.slice(0, at), value = line.slice(at + 1);
      for (const input of call.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (input.type === "radio") input.checked = input.value === value;
        else input.value = value;
        const fold = input.closest("details");
        if (fold) fold.open = true;
      }
    }
    button.closest(".reading").classList.add("taken");
    button.textContent = "已填";
  };
  call.addEventListener("click", (event) => {
    const one = event.target.closest("[data-put]");
    if (one) put(one);
    if (event.target.closest("#fill-all")) call.querySelectorAll("[data-put]").forEach(put);
    if (one || event.target.closest("#fill-all")) call.querySelector("#place").dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey && !event.ctrlKey) return;
    const code = /^(Key|Digit)(.)$/.exec(event.code);
    const keys = (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (code && event.altKey ? code[2] : event.key);
    const target = [...document.querySelectorAll("[data-keys]")].find((one) => one.dataset.keys === keys);
    if (!target) return;
    event.preventDefault();
    if (target.type === "submit") call.requestSubmit(target);
    else target.click();
  });
})();
