// Copies what a field holds: <button data-copy="ID of the field" hidden>. Shown only where the browser can copy.
"use strict";
const offer = (button) => {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !button.hidden) return;
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    let copied = false;
    try {
      await navigator.clipboard.writeText(field.value);
      copied = true;
    } catch {
      copied = document.execCommand("copy");  // pages served without TLS have no clipboard
    }
    button.textContent = copied ? "已复制" : "请按 Ctrl+C";
    setTimeout(() => { button.textContent = words; }, 2000);
  });
};
const offerAll = (root) => root.querySelectorAll("[data-copy]").forEach(offer);
offerAll(document);
document.body.addEventListener("htmx:load", (event) => offerAll(event.detail.elt));  // what was swapped in later
