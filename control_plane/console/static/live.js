// Reads the live regions of a page again when something that they show has changed.
//
//   <section id="…" data-live="envelope. approval.">   categories of audit rows, by their beginning
//   data-live-tenant="…"                               only changes of this tenant
//   data-live-every="15"                               also every 15 seconds, for what no audit row tells of
//   <time … data-ends>                                 also when this moment in it comes
//   data-live-src="…"                                  a URL whose answer has the region; without it, the page itself
//
// A region is read at most once a second and only while its tab is shown. It is left alone while a person types in it,
// has typed something in it, has a dialog of it open or selects text in it, and when the new content lacks the element
// that has the focus, unless the person has just changed something. Then the notice "Newer data is here" says so, and
// the region is read as soon as it is free.
"use strict";

(() => {
  const EVERY = 1000; // milliseconds: the shortest time between two reads
  const PAUSE = 4000; // milliseconds until the next read after a refusal, or if there was no answer
  const TEXT = "textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]):not([type=hidden])";
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
  const body = document.body;
  const renderedAt = performance.timeOrigin;
  const due = new Set();
  const blocked = new Set();
  const endReadAt = new Map(); // region and moment: when the region was last read again because the moment had come
  let readAt = 0;
  let changedAt = 0;
  let timer = null;
  let isReading = false;

  const regions = () => [...document.querySelectorAll("[data-live][id]")];
  const prefixes = (region) => region.dataset.live.split(/\s+/).filter(Boolean);
  const concerns = (region, { category, tenant_id }) =>
    prefixes(region).some((prefix) => category.startsWith(prefix)) &&
    (!region.dataset.liveTenant || region.dataset.liveTenant === tenant_id);

  function receive(message) {
    showState(message.type === "waiting" ? "waiting" : "live");
    if (message.type === "live" && message.mustRead) regions().forEach((region) => due.add(region.id));
    if (message.type === "change")
      for (const region of regions()) if (message.changes.some((change) => concerns(region, change))) due.add(region.id);
    schedule();
  }

  function showState(state) {
    const shown = document.querySelector("[data-live-state]");
    if (!shown) return;
    shown.dataset.liveState = state;
    shown.querySelector("[data-live-text]").textContent = state === "live" ? "Live" : "Reconnecting";
  }

  function schedule() {
    if (timer || isReading || !due.size || document.hidden) return;
    timer = setTimeout(read, Math.max(0, readAt + EVERY - Date.now()));
  }

  async function read() {
    timer = null;
    isReading = true;
    readAt = Date.now();
    const bySource = new Map();
    for (const id of due) {
      const region = document.getElementById(id);
      const url = region?.dataset.liveSrc || location.pathname + location.search;
      if (region) bySource.set(url, [...(bySource.get(url) ?? []), id]);
    }
    due.clear();
    try {
      await Promise.all([...bySource].map(([url, ids]) => readFrom(url, ids)));
    } finally {
      isReading = false;
      schedule();
    }
  }

  async function readFrom(url, ids) {
    let answer;
    try {
      answer = await fetch(url, { headers: { Accept: "text/html", "X-Live": "1" }, cache: "no-store" });
    } catch {
      return readLater(ids); // the server is away
    }
    if (answer.status === 401) consoleExpired();
    if (answer.status === 429 || answer.status >= 500) readLater(ids);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ids) await replace(document.getElementById(id), fresh.getElementById(id));
  }

  function readLater(ids) {
    ids.forEach((id) => due.add(id));
    readAt = Date.now() + PAUSE - EVERY;
  }

  async function replace(region, fresh) {
    if (!region || !fresh) return;
    document.dispatchEvent(new CustomEvent("console:fragment", { detail: fresh })); // times in the reader's zone
    if (isBusy(region, fresh)) {
      blocked.add(region.id);
      showNewer();
      return;
    }
    blocked.delete(region.id);
    showNewer();
    const focus = focusIn(region);
    await htmx.swap({ text: fresh.outerHTML, target: region, swap: "outerMorph settle:0ms", sourceElement: region, hx: {} });
    const again = focus && findFocus(document, focus);
    if (again && document.activeElement !== again) again.focus({ preventScroll: true });
    if (focus && !again && document.activeElement === body) document.getElementById("main").focus({ preventScroll: true });
  }

  let seconds = 0;
  setInterval(() => {
    seconds += 1;
    for (const region of document.querySelectorAll("[data-live-every][id]"))
      if (seconds % region.dataset.liveEvery === 0) due.add(region.id);
    for (const region of regions())
      if ([...region.querySelectorAll("time[data-ends]")].some((time) => hasEndedNow(region, time))) due.add(region.id);
    schedule();
  }, 1000);

  // Once when the moment comes, and every ten seconds while the page still shows it: this clock may be ahead of the server's.
  function hasEndedNow(region, { dateTime }) {
    const now = Date.now();
    const key = `${region.id} ${dateTime}`;
    if (now < new Date(dateTime) || now - (endReadAt.get(key) ?? 0) < 10_000) return false;
    endReadAt.set(key, now);
    return true;
  }

  // What must not be disturbed.
  function isBusy(region, fresh) {
    const active = document.activeElement;
    if (region.contains(active) && (active.matches(TEXT) || active.isContentEditable)) return true;
    if ([...region.querySelectorAll(TEXT)].some(isTouched)) return true;
    if (region.querySelector("dialog[open]")) return true;
    const selection = getSelection();
    if (!selection.isCollapsed && region.contains(selection.anchorNode)) return true;
    if (Date.now() - changedAt < 2 * EVERY) return false; // a button that has done its work may go
    const focus = focusIn(region);
    return focus !== null && findFocus(fresh, focus) === null;
  }

  function isTouched(field) {
    if (!field.matches("select")) return field.value !== field.defaultValue;
    const options = [...field.options];
    const first = field.multiple || options.some((option) => option.defaultSelected) ? -1 : 0; // chosen if none says so
    return options.some((option, index) => option.selected !== (option.defaultSelected || index === first));
  }

  // The element with the focus, by the nearest id around it and its number among the focusable ones there.
  function focusIn(region) {
    const active = document.activeElement;
    if (!active || active === region || !region.contains(active)) return null;
    const holder = active.id ? active : active.closest("[id]");
    return { id: holder.id, index: [holder, ...holder.querySelectorAll(FOCUSABLE)].indexOf(active), tag: active.tagName };
  }

  function findFocus(root, { id, index, tag }) {
    const holder = root.id === id ? root : root.querySelector(`[id="${CSS.escape(id)}"]`);
    const found = holder && [holder, ...holder.querySelectorAll(FOCUSABLE)][index];
    return found?.tagName === tag ? found : null;
  }

  function showNewer() {
    const notice = document.getElementById("newer");
    if (notice) notice.hidden = blocked.size === 0;
  }

  function tryAgain() {
    blocked.forEach((id) => due.add(id));
    schedule();
  }

  function consoleExpired() {
    document.dispatchEvent(new CustomEvent("console:expired"));
  }

  // A person closes what they opened themselves, not an update.
  htmx.registerExtension("keep-open", {
    htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.matches("details, dialog")),
  });

  for (const name of ["focusout", "input", "change", "close", "selectionchange"])
    document.addEventListener(name, () => blocked.size && setTimeout(tryAgain), true);
  document.addEventListener("visibilitychange", schedule);
  document.addEventListener("acp:refresh", () => {
    regions().forEach((region) => due.add(region.id));
    readAt = 0;
    changedAt = Date.now();
    schedule();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-show-newer]")) return;
    blocked.clear();
    showNewer();
    location.reload();
  });

  // One stream for all tabs. A browser without shared workers gets one for each tab while it is shown.
  function followShared() {
    const worker = new SharedWorker(body.dataset.worker, { name: body.dataset.session });
    const { stream, position, positionAt } = body.dataset;
    const hello = () => worker.port.postMessage({ type: "hello", stream, position, positionAt: Number(positionAt), renderedAt });
    worker.port.onmessage = ({ data }) => receive(data);
    addEventListener("pagehide", () => worker.port.postMessage({ type: "bye" }));
    addEventListener("pageshow", (event) => event.persisted && hello()); // Back showed a kept page
    hello();
  }

  function followAlone() {
    let source = null;
    let { position } = body.dataset;
    let retryIn = 500;
    let retry;
    const update = () => {
      if (document.hidden) {
        source?.close();
        source = null;
      } else if (!source || source.readyState === EventSource.CLOSED) {
        source = new EventSource(`${body.dataset.stream}?since=${encodeURIComponent(position)}`);
        source.addEventListener("ready", ({ data, lastEventId }) => {
          position = lastEventId;
          retryIn = 500;
          receive({ type: "live", mustRead: JSON.parse(data).mustRead });
        });
        source.addEventListener("change", ({ data, lastEventId }) => {
          position = lastEventId;
          receive({ type: "change", changes: JSON.parse(data) });
        });
        source.onerror = () => {
          receive({ type: "waiting" });
          if (source?.readyState !== EventSource.CLOSED) return; // the browser connects again by itself
          clearTimeout(retry);
          retry = setTimeout(update, retryIn);
          retryIn = Math.min(retryIn * 2, 10_000);
        };
      }
    };
    document.addEventListener("visibilitychange", update);
    update();
  }

  if ("SharedWorker" in window) followShared();
  else followAlone();
})();
