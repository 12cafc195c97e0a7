// What every page of the console does: changes with the token of the session, messages, times, copying, keys.
"use strict";

(() => {
  const meta = document.querySelector('meta[name="csrf-token"]');
  const bus = new BroadcastChannel("acp-console");

  // --- changes: htmx posts the form; what a person typed stays in it, whatever the server answers
  document.addEventListener("htmx:config:request", ({ detail }) => {
    if (meta) detail.ctx.request.headers["X-CSRF-Token"] = meta.content;
  });
  document.addEventListener("htmx:before:request", ({ detail }) => showProblem(detail.ctx.sourceElement, ""));
  document.addEventListener("htmx:response:error", ({ detail }) => {
    const { status } = detail.ctx.response;
    if (status === 401) return showExpired();
    showProblem(detail.ctx.sourceElement, readDetail(detail.ctx.text) ?? `The server answered ${status}.`);
  });
  document.addEventListener("htmx:error", ({ detail }) => {
    if (detail.ctx) showProblem(detail.ctx.sourceElement, "The server does not answer. What you typed is kept; try again.");
  });
  document.addEventListener("htmx:after:request", ({ detail }) => {
    const dialog = detail.ctx.response.status < 400 && detail.ctx.sourceElement.closest("dialog");
    if (!dialog) return;
    detail.ctx.sourceElement.closest("form")?.reset(); // it opens empty the next time
    dialog.close();
  });

  function readDetail(text) {
    try {
      return JSON.parse(text).detail;
    } catch {
      return null;
    }
  }

  function showProblem(element, text) {
    const place = element.querySelector?.("[data-problem]") ?? element.closest("form, dialog")?.querySelector("[data-problem]");
    if (place) {
      place.textContent = text;
      place.hidden = !text;
    } else if (text) {
      toast(text, "bad");
    }
  }

  // --- the session: a sign-in in another tab gives this page its new token; a sign-out closes all pages
  const viewer = document.body.dataset.viewer;
  document.addEventListener("console:expired", showExpired);
  bus.onmessage = ({ data }) => {
    if (data.type === "signed-out") location.reload();
    if (data.type !== "signed-in" || data.viewer !== viewer || !meta) return;
    meta.content = data.token;
    document.querySelectorAll('input[name="csrf"]').forEach((field) => (field.value = field.defaultValue = data.token));
    document.getElementById("expired").hidden = true;
    document.dispatchEvent(new CustomEvent("acp:refresh"));
  };
  if (meta && viewer) bus.postMessage({ type: "signed-in", viewer, token: meta.content });
  if ("signedOut" in document.body.dataset) bus.postMessage({ type: "signed-out" });

  function showExpired() {
    const notice = document.getElementById("expired");
    if (notice) notice.hidden = false;
  }

  // --- messages
  const KEPT = "acp-toast";
  document.addEventListener("acp:toast", ({ detail }) => {
    if (detail.isKept) sessionStorage.setItem(KEPT, JSON.stringify(detail)); // shown on the page that the browser loads next
    else toast(detail.text, detail.tone);
  });
  function showKept() {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    if (kept) toast(JSON.parse(kept).text, JSON.parse(kept).tone);
  }
  function toast(text, tone = "good") {
    const made = Object.assign(document.createElement("div"), { className: `toast ${tone}` });
    const words = Object.assign(document.createElement("span"), { textContent: text });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Close" });
    close.onclick = () => made.remove();
    made.append(words, close);
    document.getElementById("toasts")?.append(made);
    if (tone !== "bad") setTimeout(() => made.remove(), 6000);
  }

  // --- times in the reader's zone
  const long = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const UNITS = [["day", 86400, 3600], ["hour", 3600, 60], ["minute", 60, 1], ["second", 1, 0]]; // name, its seconds, the seconds of the next smaller unit
  function writeTimes(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      const text = "ago" in time.dataset ? ago(at) : long.format(at);
      if (time.textContent !== text) time.textContent = text;
    }
  }
  function ago(at) {
    const seconds = (at - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size, below]) => Math.abs(seconds) >= size - below / 2) ?? UNITS[3]; // "1 hour", never "60 minutes"
    return relative.format(Math.round(seconds / size), unit);
  }
  document.addEventListener("formdata", ({ target, formData }) => {
    for (const field of target.querySelectorAll("[data-zoned]"))
      if (field.value) formData.set(field.name, new Date(field.value).toISOString());
  });
  for (const zone of document.querySelectorAll("[data-zone]"))
    zone.textContent = `In your time zone, ${new Intl.DateTimeFormat().resolvedOptions().timeZone}.`;
  document.addEventListener("console:fragment", ({ detail }) => writeTimes(detail));
  document.addEventListener("htmx:after:swap", () => writeTimes(document));
  setInterval(() => document.hidden || writeTimes(document), 15_000);

  // --- clicks
  document.addEventListener("click", async ({ target }) => {
    const found = (selector) => target.closest(selector);
    const copy = found("[data-copy]");
    if (copy) {
      await copyText(copy.dataset.copy);
      copy.classList.add("done");
      setTimeout(() => copy.classList.remove("done"), 1200);
    }
    const opener = found("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    if (found("[data-close]")) found("dialog")?.close();
    if (found("[data-show-keys]")) showKeys();
    if (found("[data-theme-toggle]")) nextTheme();
    const all = found("[data-choose-all]");
    if (all) {
      const boxes = [...all.form.querySelectorAll("input[type=checkbox]")];
      const isOn = boxes.some((box) => !box.checked);
      boxes.forEach((box) => (box.checked = isOn));
    }
    const menu = found("[data-menu]");
    if (menu) menu.setAttribute("aria-expanded", document.getElementById("nav").toggleAttribute("data-shown"));
  });
  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      toast("The browser does not allow copying here.", "bad");
    }
  }

  // --- theme: the cookie tells the server, so that a page never flashes in the other one
  function nextTheme() {
    const order = ["auto", "light", "dark"];
    const next = order[(order.indexOf(document.documentElement.dataset.theme) + 1) % 3];
    document.documentElement.dataset.theme = next;
    document.cookie = `acp_theme=${next}; path=/console; max-age=31536000; samesite=lax`;
    toast(`Theme: ${next}`);
  }

  // --- filters: in the URL, without empty fields
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-filters]")) return;
    for (const field of target.elements) if (field.name && !field.value) field.disabled = true;
    setTimeout(() => [...target.elements].forEach((field) => (field.disabled = false)));
  });
  document.addEventListener("change", ({ target }) => target.matches("[data-filter-now]") && target.form.requestSubmit());

  // --- keys
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
      if (key === "Escape") target.blur();
      return;
    }
    const dialog = document.querySelector("dialog[open]");
    if (dialog) return press(dialog, key) && event.preventDefault();
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "/") document.querySelector("[data-search]")?.focus();
    else if (key === "?") showKeys();
    else if (!press(document, key)) return;
    event.preventDefault();
  });
  function press(root, key) {
    const found = [...root.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && each.checkVisibility() && !each.disabled);
    found?.click();
    return Boolean(found);
  }
  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    row?.querySelector("a[href], button, input")?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }
  function showKeys() {
    const own = [...document.querySelectorAll("[data-key]")].filter((each) => each.checkVisibility()).map((each) => [each.dataset.key, each.dataset.keyText]);
    const rows = document.querySelector("[data-row]") ? [["j", "Next row"], ["k", "Previous row"], ["Enter", "Open the row"]] : [];
    const search = document.querySelector("[data-search]") ? [["/", "Search"]] : [];
    const list = document.querySelector("[data-keys-list]");
    list.replaceChildren();
    for (const [key, text] of [...own, ...rows, ...search, ["?", "Show this list"], ["Esc", "Leave a field, close a dialog"]]) {
      const name = document.createElement("dt");
      name.append(Object.assign(document.createElement("kbd"), { textContent: key }));
      list.append(name, Object.assign(document.createElement("dd"), { textContent: text }));
    }
    document.getElementById("keys").showModal();
  }

  writeTimes(document);
  showKept();
})();
