/**
 * A real server for tests: on loopback, on a random free port, with its data in a temporary folder.
 * It ends with the process that started it, also when that process is killed.
 */
export interface Server extends AsyncDisposable {
  /** Variables that point the system at this server. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it without warning, as `kill -9` does. Its data and its port stay, for {@link restart}. */
  kill(): Promise<void>;
  /** It answers nothing any more, and takes connections all the same: as after SIGSTOP. */
  freeze(): void;
  /** The end of {@link freeze}. */
  thaw(): void;
  /** Starts it again on the same port and data; resolves when it answers. Stops it before, in order, where it still runs. */
  restart(): Promise<void>;
  /** Ends it in order and removes its data. */
  stop(): Promise<void>;
}

/** Who really runs it: a process of this machine, or a container. */
export interface Runner {
  start(): Promise<void>;
  /** Resolves when it is gone. Does nothing where it does not run. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Removes what it leaves behind. */
  remove(): Promise<void>;
}

export interface ServerOptions {
  env: Record<string, string>;
  runner: Runner;
  /** Resolves once the server answers; throws where it does not. */
  ready: () => Promise<void>;
  /** The signal that ends it in order. */
  endWith: 'SIGTERM' | 'SIGINT';
}

/** Starts the runner and waits until the server answers; a failed start leaves nothing behind. */
export async function serve({ env, runner, ready, endWith }: ServerOptions): Promise<Server> {
  const stop = async (): Promise<void> => {
    await runner.end(endWith);
    await runner.remove();
  };
  const start = async (): Promise<void> => {
    await runner.start();
    await ready();
  };
  try {
    await start();
  } catch (error) {
    await runner.end('SIGKILL');
    await runner.remove();
    throw error;
  }
  return {
    env,
    stop,
    kill: () => runner.end('SIGKILL'),
    freeze: () => runner.freeze(),
    thaw: () => runner.thaw(),
    restart: async () => {
      await runner.end(endWith);
      await start();
    },
    [Symbol.asyncDispose]: stop,
  };
}
