// One stream for all tabs of a session: a browser opens at most six connections to a host over HTTP/1.1.
"use strict";

const REMEMBER_FOR = 60_000;
const ports = new Set();
let source = null;
let liveSince = null; // when the stream was opened; null while there is none
let recent = []; // changes of the last minute, for a tab that connects while its page is already old
let retryIn = 500;

onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = ({ data }) => (data.type === "hello" ? greet(port, data) : leave(port));
  port.onclose = () => leave(port);
};

function greet(port, { stream, renderedAt }) {
  ports.add(port);
  open(stream);
  if (liveSince === null) return;
  port.postMessage({ type: "live", mustRead: renderedAt < liveSince });
  const changes = recent.filter(({ at }) => at >= renderedAt).flatMap(({ changes }) => changes);
  if (changes.length) port.postMessage({ type: "change", changes });
}

function leave(port) {
  ports.delete(port);
  if (ports.size || !source) return;
  source.close();
  source = liveSince = null;
}

function open(stream) {
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource(stream);
  source.addEventListener("ready", () => {
    liveSince = Date.now();
    retryIn = 500;
    tell({ type: "live", mustRead: true });
  });
  source.addEventListener("change", ({ data }) => {
    const changes = JSON.parse(data);
    const now = Date.now();
    recent = [...recent.filter(({ at }) => now - at < REMEMBER_FOR).slice(-200), { at: now, changes }];
    tell({ type: "change", changes });
  });
  source.onerror = () => {
    liveSince = null;
    tell({ type: "waiting" });
    if (source.readyState !== EventSource.CLOSED) return; // the browser connects again by itself
    setTimeout(() => ports.size && open(stream), retryIn);
    retryIn = Math.min(retryIn * 2, 10_000);
  };
}

function tell(message) {
  for (const port of ports) port.postMessage(message);
}
