// The pages of approvals: what has been read, who else looks, how long is left, and what is selected.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const post = (url, body) =>
    fetch(url, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "X-Live": "1", Accept: "text/html" }, cache: "no-store" });

  // --- read whole: each part of [data-whole] has to have been on the screen; a call with another digest begins anew
  const seen = new Map();
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) note(target);
    showWhole();
  }, { rootMargin: "0px 0px -72px 0px" }); // the bar with the buttons covers the lowest lines
  function note(part) {
    const whole = part.closest("[data-whole]");
    if (!whole) return;
    const { digest, number } = { digest: whole.dataset.whole, number: all("[data-part]", whole).indexOf(part) };
    seen.set(digest, (seen.get(digest) ?? new Set()).add(number));
    watcher.unobserve(part);
  }
  function unread() {
    return all("[data-whole]").flatMap((whole) =>
      all("[data-part]", whole).filter((_, number) => !seen.get(whole.dataset.whole)?.has(number)));
  }
  function watchParts() {
    unread().forEach((part) => watcher.observe(part));
    showWhole();
  }
  function showWhole() {
    const wholes = all("[data-whole]");
    const left = unread().length;
    const isWhole = wholes.length > 0 && wholes.every((whole) => whole.dataset.whole) && left === 0 && isWorth();
    all("[data-needs-whole]").forEach((button) => (button.disabled = !isWhole));
    all("[data-shown-whole]").forEach((field) => (field.value = String(left === 0 && wholes.length > 0)));
    all("[data-whole-hint]").forEach((hint) => (hint.hidden = isWhole));
  }
  const isWorth = () => !document.querySelector("[data-form]") || Boolean(document.querySelector(".diff ins, .diff del"));

  // --- a is the key of Approve: as long as something is unread it leads there instead
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey } = event;
    if (key === "Enter" && (ctrlKey || metaKey) && target.form?.closest("dialog[open]")) return target.form.requestSubmit();
    if (ctrlKey || metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    if (key === "a" && document.querySelector("[data-needs-whole][data-key='a']:disabled")) {
      unread()[0]?.scrollIntoView({ block: "center" });
      event.preventDefault();
    }
    if (key === "x") document.activeElement.closest("[data-row]")?.querySelector("[data-pick]")?.click();
    if ((key === "a" || key === "r") && !picked().length) {
      const pick = document.activeElement.closest("[data-row]")?.querySelector("[data-pick]");
      if (!pick) return;
      pick.click();
      document.querySelector(`#picked [data-key="${key}"]`).click();
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    const row = key === "e" && document.activeElement.closest(".inbox [data-row]");
    if (row) location.href = `${row.querySelector("a").href}/edit`;
  }, true);

  // --- a decision that came too late: show who decided, and the call as it is now
  document.addEventListener("htmx:response:error", ({ detail }) => {
    if (detail.ctx.response.status === 409) document.dispatchEvent(new CustomEvent("acp:refresh"));
  });

  // --- who else looks
  const place = document.querySelector("[data-look]");
  async function look() {
    if (!place || document.hidden) return;
    try {
      const answer = await post(place.dataset.look);
      if (!answer.ok) return;
      const text = (await answer.text()).trim();
      if (place.dataset.was !== text) place.innerHTML = text; // escaped by the template
      place.dataset.was = text;
    } catch {
      // the server is away; the next call shows who is there
    }
  }
  if (place) {
    look();
    setInterval(look, 1500);
    document.addEventListener("visibilitychange", look);
  }
  const looking = document.querySelector("[data-looking]");
  async function showLooking() {
    if (document.hidden) return;
    const answer = await fetch(looking.dataset.looking, { headers: { "X-Live": "1" }, cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const shown of all("[data-viewers]")) {
      const text = fresh.querySelector(`[data-viewers="${shown.dataset.viewers}"]`)?.innerHTML ?? "";
      if (shown.innerHTML !== text) shown.innerHTML = text; // escaped by the template
    }
  }
  if (looking) setInterval(showLooking, 2000);

  // --- how long is left
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  function writeTimers(root = document) {
    for (const timer of all("[data-timer]", root)) {
      const seconds = Math.round((new Date(timer.dateTime) - Date.now()) / 1000);
      const at = UNITS.findIndex(([, size]) => seconds >= size);
      const text = seconds <= 0 ? "expired" : [at, at + 1].filter((unit) => UNITS[unit]).map((unit, index) => {
        const size = UNITS[unit][1];
        return `${Math.floor((index ? seconds % UNITS[at][1] : seconds) / size)} ${UNITS[unit][0]}`;
      }).join(" ");
      if (timer.textContent !== text) timer.textContent = text;
      timer.classList.toggle("soon", seconds < 900);
    }
  }
  setInterval(() => document.hidden || writeTimers(), 1000);

  // --- selection: kept while the list is read again
  const chosen = new Set();
  const picked = () => all("[data-pick]").filter((pick) => pick.checked);
  function showPicked() {
    all("[data-pick]").forEach((pick) => (pick.checked = chosen.has(pick.value)));
    const form = document.getElementById("picked");
    if (!form) return;
    const count = picked().length;
    form.hidden = count === 0;
    form.querySelector("[data-picked-count]").textContent = count;
    all("input[name=call]", form).forEach((field) => field.remove());
    for (const pick of picked()) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "call", value: pick.value }));
  }
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-pick]")) return;
    if (target.checked) chosen.add(target.value);
    else chosen.delete(target.value);
    showPicked();
  });

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-unpick]")) {
      chosen.clear();
      showPicked();
    }
  });

  function update() {
    watchParts();
    writeTimers();
    showPicked();
  }
  document.addEventListener("console:fragment", ({ detail }) => writeTimers(detail));
  document.addEventListener("htmx:after:swap", update);
  document.addEventListener("console:preview", watchParts);
  update();
})();
