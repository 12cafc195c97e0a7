// One stream for all tabs of a session: a browser opens at most six connections to a host over HTTP/1.1.
//
// Each page has the position in the audit log at which it was rendered. The stream begins at the position of the first
// page. When it is opened again, it continues after the last event. So no page misses a change, and no page is read
// without a reason.
"use strict";

const REMEMBER_FOR = 60_000; // milliseconds for which changes are kept
const ports = new Map(); // each port, with the message in which its page introduced itself
let source = null;
let isLive = false;
let position = ""; // in the audit log: the stream continues after it
let positionAt = 0; // when the first page was rendered, by the clock of the server: the stream has every later change
let recent = []; // changes of the last minute, for a tab that connects while its page is already old
let retryIn = 500;
let retry; // the timer: a tab that opens meanwhile must not start a second one

onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = ({ data }) => (data.type === "hello" ? greet(port, data) : leave(port));
  port.onclose = () => leave(port);
};

function greet(port, page) {
  ports.set(port, page);
  if (!source) [position, positionAt] = [page.position, page.positionAt];
  open(page.stream);
  if (!isLive) return;
  port.postMessage({ type: "live", mustRead: page.positionAt < positionAt });
  const changes = recent.filter(({ at }) => at >= page.renderedAt).flatMap(({ changes }) => changes);
  if (changes.length) port.postMessage({ type: "change", changes });
}

function leave(port) {
  ports.delete(port);
  if (ports.size || !source) return;
  source.close();
  source = null;
  isLive = false;
}

function open(stream) {
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource(`${stream}?since=${encodeURIComponent(position)}`);
  source.addEventListener("ready", ({ data, lastEventId }) => {
    const { mustRead } = JSON.parse(data);
    position = lastEventId;
    isLive = true;
    retryIn = 500;
    for (const [port, page] of ports) port.postMessage({ type: "live", mustRead: mustRead || page.positionAt < positionAt });
  });
  source.addEventListener("change", ({ data, lastEventId }) => {
    const changes = JSON.parse(data);
    const now = Date.now();
    position = lastEventId;
    recent = [...recent.filter(({ at }) => now - at < REMEMBER_FOR).slice(-200), { at: now, changes }];
    tell({ type: "change", changes });
  });
  source.onerror = () => {
    isLive = false;
    tell({ type: "waiting" });
    if (source.readyState !== EventSource.CLOSED) return; // the browser connects again by itself
    clearTimeout(retry);
    retry = setTimeout(() => ports.size && open(stream), retryIn);
    retryIn = Math.min(retryIn * 2, 10_000);
  };
}

function tell(message) {
  for (const port of ports.keys()) port.postMessage(message);
}
