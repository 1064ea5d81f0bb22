/**
 * Preloaded into every child process: ends it when its parent is gone, even by SIGKILL, since then the channel between
 * them closes. The channel alone keeps no process alive.
 */
process.once('disconnect', () => process.exit(1));
process.channel?.unref();
