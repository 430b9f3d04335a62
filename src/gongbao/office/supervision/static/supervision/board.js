/* The board by keyboard: 1-9 the tabs, j and k the rows, f the filters; a chosen filter applies at once. */
(() => {
  const typing = (at) => at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName));
  let leading = 0; // a digit after g leads to a room, not to a tab

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "g") { leading = Date.now(); return; }
    if (Date.now() - leading < 1500) return;
    if (/^[1-9]$/.test(event.key)) {
      document.querySelector(`.tabs a[data-tab="${event.key}"]`)?.click();
    } else if (event.key === "j" || event.key === "k") {
      const links = [...document.querySelectorAll(".board td.title a")];
      const at = links.indexOf(document.activeElement);
      links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)))]?.focus();
    } else if (event.key === "f") {
      event.preventDefault();
      document.querySelector("#narrow select")?.focus();
    }
  });

  document.querySelector("#narrow")?.addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT") event.currentTarget.requestSubmit();
  });
})();
