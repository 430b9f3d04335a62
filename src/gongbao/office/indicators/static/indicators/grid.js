/* The grid by keyboard: Enter and the arrows lead down and up the column of values, Ctrl+Enter sends. */
(() => {
  const table = document.querySelector("#values");
  table?.addEventListener("keydown", (event) => {
    const at = event.target;
    if (!(at instanceof HTMLInputElement) || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      at.form.requestSubmit();
      return;
    }
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const column = [...table.querySelectorAll(`[name^="${at.name.slice(0, 2)}"]`)];
    const next = column[column.indexOf(at) + step];
    next?.focus();
    next?.select?.();
  });
})();
