// Stands in for Realtime, which there is only at Supabase's: says yes to a join, remembers what it is sent, and tells
// those changes that somebody subscribed to. In front of a program; `subscription` and `sent` are for what follows it.
const sent = [];
let joined;
const subscription = new Promise((resolve) => (joined = resolve));

globalThis.WebSocket = class {
  constructor(url) {
    this.url = url;
    this.readyState = 0; // connecting
    setImmediate(() => {
      this.readyState = 1; // open
      this.onopen?.({});
    });
  }

  send(text) {
    const [join, ref, topic, event, payload] = JSON.parse(text);
    sent.push({ event, payload });
    const asked = (payload.config?.postgres_changes ?? []).map((one, at) => ({ id: at + 1, ...one }));
    setImmediate(() => {
      const response = event === "phx_join" ? { postgres_changes: asked } : {};
      this.#say(join, ref, topic, "phx_reply", { status: "ok", response });
      if (event === "phx_join") joined((change) => this.#tell(join, topic, asked, change));
    });
  }

  #tell(join, topic, asked, change) {
    const ids = asked
      .filter((one) => one.table === change.table && ["*", change.type].includes(one.event))
      .map((one) => one.id);
    const columns = Object.keys(change.record ?? change.old_record).map((name) => ({ name, type: "text" }));
    const data = { schema: "public", commit_timestamp: "2026-01-05T09:00:00Z", errors: null, columns, ...change };
    if (ids.length > 0) this.#say(join, null, topic, "postgres_changes", { ids, data });
  }

  #say(...message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close() {
    this.readyState = 3; // closed
  }
};
