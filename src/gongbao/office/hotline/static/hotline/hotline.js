// The desk by keyboard: keys adopt suggestions and end the call; j and k walk a queue. The operator's own words win.
(() => {
  "use strict";
  const call = document.querySelector("#call");

  // j, k and Enter in queues.
  const links = () => [...document.querySelectorAll("table[data-rows] a.go")];
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select, dialog[open]")) return;
    if (event.key !== "j" && event.key !== "k") return;
    const rows = links();
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
    rows[next].focus();
    event.preventDefault();
  });

  document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  if (!call) return;
  const field = (name) => call.querySelector(`[name="f-${name}"]`);
  const own = new Set(); // fields the operator has written in
  for (const name of ["category", "list_row", "handler"]) {
    const input = field(name);
    if (!input) continue;
    if (input.value) own.add(name);
    input.addEventListener("input", () => (input.value ? own.add(name) : own.delete(name)));
  }
  const put = (name, value) => {
    const input = field(name);
    if (input) input.value = value;
  };

  // What is proposed stands in the fields until the operator writes there.
  const propose = () => {
    const now = document.querySelector("#proposal-now");
    if (!now) return;
    const { unit, category, row, platform } = now.dataset;
    for (const [name, value] of [["handler", unit], ["category", category], ["list_row", row]]) {
      if (!own.has(name)) put(name, value || "");
    }
    const leads = document.querySelector(".danger-told") && field("content").form.querySelector(".ways button[value=transfer]");
    call.querySelector(".ways").classList.toggle("lead-transfer", Boolean(leads && !document.querySelector("#f-station")) || wantsPolice(platform));
  };
  const wantsPolice = (platform) => platform === "110" && call.querySelector("#danger-yes").checked && !document.querySelector("#f-station");
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "proposal") propose(); });
  call.addEventListener("change", (event) => { if (event.target.name === "f-danger") propose(); });

  call.addEventListener("click", (event) => {
    const adopt = event.target.closest("[data-adopt]");
    if (!adopt) return;
    for (const [name, value] of Object.entries(JSON.parse(adopt.dataset.adopt))) { put(name, value); own.add(name); }
    adopt.closest("section").querySelectorAll(".adopt").forEach((b) => b.classList.toggle("taken", b === adopt));
  });

  const pressed = (event) => {
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const code = /^(Key|Digit)(.)$/.exec(event.code);
    return (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (code && event.altKey ? code[2] : key);
  };
  document.addEventListener("keydown", (event) => {
    if (!event.altKey && !event.ctrlKey) return;
    const keys = pressed(event);
    if (keys === "Alt+Y" || keys === "Alt+O") {
      event.preventDefault();
      const box = call.querySelector(keys === "Alt+Y" ? "#danger-yes" : "#danger-no");
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    const button = [...call.querySelectorAll("[data-keys]")].find((b) => b.dataset.keys === keys);
    if (!button) return;
    event.preventDefault();
    const needs = { answer: "answer", guide: "guide_note", decline: "guide_note" }[button.value];
    const input = needs && field(needs);
    if (input && !input.value.trim()) {
      call.querySelector("#more").open = true;
      (button.value === "decline" && field("excluded").value === "无" ? field("excluded") : input).focus();
      return;
    }
    if (button.type === "submit") call.requestSubmit(button);
    else button.click();
  });
})();
