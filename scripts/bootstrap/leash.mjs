// Preloaded (`node --import`) into a child that is spawned with an IPC channel: when the parent is gone, whatever
// ended it (`kill -9` too), the channel closes and the child ends itself. So nothing is ever left running unseen.
import { isMainThread } from 'node:worker_threads';

const GRACE_MS = 10_000;

if (isMainThread && process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // The channel alone must not keep a child alive that has finished.
  process.channel.unref();
}
