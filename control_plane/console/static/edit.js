// The edit of the arguments of a call: what it changes, as it is typed.
"use strict";

(() => {
  const edit = document.querySelector("[data-preview]");
  if (!edit) return; // nothing is to be decided any more
  let waiting = null;
  let newest = 0;

  async function preview() {
    const number = ++newest;
    const headers = { "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content, "X-Live": "1", Accept: "text/html" };
    const answer = await fetch(edit.dataset.preview, { method: "POST", body: new FormData(edit), headers, cache: "no-store" }).catch(() => null);
    if (!answer?.ok || number !== newest) return;
    document.getElementById("preview").innerHTML = await answer.text(); // escaped by the template
    document.dispatchEvent(new CustomEvent("console:preview"));
  }

  edit.addEventListener("input", ({ target }) => {
    if (target.name === "reason") return;
    edit.querySelectorAll("[data-needs-whole]").forEach((button) => (button.disabled = true));
    clearTimeout(waiting);
    waiting = setTimeout(preview, 250);
  });
  edit.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-undo]")) return;
    edit.reset();
    preview();
  });
  preview();
})();
