// pg-boss: fetch and complete by 1000.
import PgBoss from "pg-boss";
import { peer, ticker } from "./peer.mjs";

const QUEUE = "noop";

await peer({
  async open() {
    const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, supervise: false, schedule: false });
    boss.on("error", (error) => { throw error; });
    await boss.start();
    await boss.createQueue(QUEUE);
    return boss;
  },
  close: (boss) => boss.stop({ graceful: false }),
  batch: (boss, payloads) => boss.insert(payloads.map((data) => ({ name: QUEUE, data }))),
  single: (boss, data) => boss.send(QUEUE, data),
  async drain(boss, count) {
    const { tick, done } = ticker(count);
    for (let left = count; left > 0;) {
      const jobs = await boss.fetch(QUEUE, { batchSize: 1000 });
      for (const job of jobs) job.data;
      await boss.complete(QUEUE, jobs.map((job) => job.id));
      jobs.forEach(tick);
      left -= jobs.length;
    }
    return done;
  },
  async listen(boss, began) {
    await boss.work(QUEUE, { pollingIntervalSeconds: 0.5 }, async ([job]) => began(job.data));
    return () => boss.offWork(QUEUE);
  },
});
