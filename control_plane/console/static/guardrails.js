// Replays the guardrails in the editor: posts what is typed there, and shows the progress and the report as they come.
"use strict";

(() => {
  let running = null;

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-replay]");
    if (button) replay(button.form, button.dataset.replay);
  });

  async function replay(form, url) {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const place = document.querySelector("[data-trial]");
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", "Replay");
    const words = Object.assign(document.createElement("p"), { className: "muted", textContent: "Judging…" });
    place.replaceChildren(bar, words);
    place.scrollIntoView({ block: "nearest" });
    try {
      const token = document.querySelector('meta[name="csrf-token"]').content;
      const headers = { "X-CSRF-Token": token, "HX-Request": "true", Accept: "text/event-stream" };
      const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams(new FormData(form)), signal });
      if (answer.status === 401) document.dispatchEvent(new CustomEvent("console:expired"));
      if (!answer.ok) throw new Error((await answer.json()).detail);
      for await (const { type, data } of events(answer.body)) {
        if (type === "progress") {
          bar.value = data.done;
          words.textContent = `${data.envelopes.toLocaleString()} envelopes judged`;
        } else if (type === "report") {
          show(place, data.html);
        } else {
          throw new Error(data.detail);
        }
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      const text = error instanceof TypeError ? "The server does not answer. What you typed is kept; try again." : error.message;
      place.replaceChildren(Object.assign(document.createElement("p"), { className: "problem", textContent: text }));
    }
  }

  function show(place, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html"); // written and escaped by the server
    document.dispatchEvent(new CustomEvent("console:fragment", { detail: fresh }));
    place.replaceChildren(...fresh.body.childNodes);
  }

  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      let end;
      while ((end = text.indexOf("\n\n")) >= 0) {
        const [, type, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end));
        text = text.slice(end + 2);
        yield { type, data: JSON.parse(data) };
      }
    }
  }
})();
