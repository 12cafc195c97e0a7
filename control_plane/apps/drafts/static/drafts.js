// The page of a reply. It shows what a person changes while they type, and locks the draft so that others see who works
// on it. When the draft has changed on the server, nobody can decide about it on this page.
"use strict";

(() => {
  const form = document.getElementById("reply");
  if (!form) return;
  const LOCK_EVERY = 60_000; // milliseconds between two renewals of the lock
  const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const post = (url, body) =>
    fetch(url, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "X-Live": "1", Accept: "text/html" }, cache: "no-store" });
  let waiting = null;
  let newest = 0;
  let lockedAt = -LOCK_EVERY;

  async function showDiff() {
    const number = ++newest;
    const answer = await post(form.dataset.diff, new FormData(form)).catch(() => null);
    if (!answer?.ok || number !== newest) return;
    document.getElementById("diff").innerHTML = await answer.text(); // escaped by the template
  }

  form.addEventListener("input", ({ target }) => {
    if (target.name !== "text") return;
    clearTimeout(waiting);
    waiting = setTimeout(showDiff, 250);
    if (performance.now() - lockedAt < LOCK_EVERY) return;
    lockedAt = performance.now();
    post(form.dataset.lock, new FormData(form)).catch(() => null); // only a help for the person: the server checks the decision again
  });
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-undo]")) return;
    form.reset();
    showDiff();
  });
  showDiff();

  // The head of the page is live, the form is not: what a person typed stays in it.
  const DECIDING = ".reply-editor form button:not([data-undo]), .reply-editor [data-open], dialog form button:not([data-close])";
  function checkState() {
    const { status, version, digest } = document.getElementById("reply-head").dataset;
    const { version: shownVersion, digest: shownDigest } = form.elements;
    const isStale = status !== "pending" || version !== shownVersion.value || digest !== shownDigest.value;
    form.querySelector("[data-stale]").hidden = !isStale;
    for (const button of document.querySelectorAll(DECIDING)) button.disabled = isStale;
  }
  new MutationObserver(checkState).observe(document.getElementById("reply-head").parentNode, {
    subtree: true, childList: true, attributeFilter: ["data-status", "data-version", "data-digest"],
  });
})();
