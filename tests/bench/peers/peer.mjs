// What every Node.js peer can be asked: fill N | drain N | batch N | single N | latency N. Answers one JSON line.

const BATCH = 1000;
const payload = (n) => ({ n, sku: "bolt-m8", quantity: 5, note: "n".repeat(120) });
const clock = () => performance.now() / 1000;

/** Counts ends; `done` is the seconds from the first call of `ticker` to the last end. */
export function ticker(count) {
  const started = clock();
  let left = count;
  let finish;
  const done = new Promise((resolve) => { finish = resolve; });
  return { tick: () => { if (--left === 0) finish(clock() - started); }, done };
}

async function fill(queue, its, count) {
  for (let start = 0; start < count; start += BATCH) {
    const size = Math.min(BATCH, count - start);
    await queue.batch(its, Array.from({ length: size }, (_, n) => payload(start + n)));
  }
}

async function latency(queue, its, count) {
  const spans = [];
  let arrived;
  const stop = await queue.listen(its, () => arrived(clock()));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  for (let n = 0; n < count; n += 1) {
    const began = new Promise((resolve) => { arrived = resolve; });
    await queue.single(its, payload(n));
    const committed = clock();
    spans.push(((await began) - committed) * 1000);
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
  }
  await stop();
  return spans;
}

export async function peer(queue) {
  const [verb, number] = process.argv.slice(2);
  const count = Number(number);
  const its = await queue.open();
  const started = clock();
  let answer = {};
  if (verb === "fill" || verb === "batch") await fill(queue, its, count);
  else if (verb === "single") for (let n = 0; n < count; n += 1) await queue.single(its, payload(n));
  else if (verb === "drain") answer = { seconds: await queue.drain(its, count) };
  else if (verb === "latency") answer = { milliseconds: await latency(queue, its, count) };
  else throw new Error(`no such verb: ${verb}`);
  process.stdout.write(`${JSON.stringify({ seconds: clock() - started, ...answer })}\n`);
  await queue.close(its);
  process.exit(0);
}
