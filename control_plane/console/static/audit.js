// Verifies a chain, and shows how far it is: the answer has a line of JSON after every thousand rows.
"use strict";

(() => {
  const number = new Intl.NumberFormat("en");

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-verify]")) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const progress = form.querySelector("progress");
    const text = form.querySelector("[data-verify-text]");
    const problem = form.querySelector("[data-problem]");
    button.disabled = true;
    problem.hidden = true;
    progress.hidden = false;
    progress.removeAttribute("value");
    try {
      const { html } = await verify(form, ({ rows, of }) => {
        Object.assign(progress, { max: Math.max(of, 1), value: rows });
        text.textContent = `${number.format(rows)} of ${number.format(of)} rows`;
      });
      text.textContent = "";
      document.getElementById("verified").innerHTML = html; // escaped by the template
      document.dispatchEvent(new CustomEvent("htmx:after:swap")); // times in the reader's zone
    } catch (error) {
      problem.textContent = `The verification ended before its end (${error.message}). Start it again.`;
      problem.hidden = false;
    } finally {
      progress.hidden = true;
      button.disabled = false;
    }
  });

  async function verify(form, show) {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/x-ndjson" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let left = "";
    let last = null;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (left + part.value).split("\n");
      left = lines.pop();
      for (const line of lines) show((last = JSON.parse(line)));
    }
    if (last?.intact === undefined) throw new Error("the server stopped");
    return last;
  }
})();
