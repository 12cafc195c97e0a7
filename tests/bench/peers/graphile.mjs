// graphile-worker in its documented batched settings: a local queue of 500, completions batched, 24 jobs at once.
import { makeWorkerUtils, run } from "graphile-worker";
import { peer, ticker } from "./peer.mjs";

const connectionString = process.env.DATABASE_URL;
const logger = undefined;

async function worker(task, concurrentJobs = 24) {
  return run({
    taskList: { noop: task },
    preset: {
      worker: {
        connectionString,
        concurrentJobs,
        maxPoolSize: 26,
        pollInterval: 2000,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    logger,
    noHandleSignals: true,
  });
}

await peer({
  async open() {
    const utils = await makeWorkerUtils({ connectionString });
    await utils.migrate();
    return utils;
  },
  close: (utils) => utils.release(),
  batch: (utils, payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: "noop", payload }))),
  single: (utils, payload) => utils.addJob("noop", payload),
  async drain(_, count) {
    const { tick, done } = ticker(count);
    const runner = await worker(tick);
    const seconds = await done;
    await runner.stop();
    return seconds;
  },
  // The local queue waits for batches; without it a job starts sooner.
  async listen(_, began) {
    const runner = await run({
      taskList: { noop: (payload) => began(payload) },
      preset: { worker: { connectionString, concurrentJobs: 24, maxPoolSize: 26 } },
      noHandleSignals: true,
    });
    return () => runner.stop();
  },
});
