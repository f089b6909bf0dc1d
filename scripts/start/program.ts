/** One process of a system: how it is run, and how it is told whether it works. */
export interface Program {
  /** As it is called in output. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** It has an IPC channel to this program, and ends itself when that closes. */
  leash?: true;
  /** Undefined where it works, else what is wrong. */
  check: () => Promise<string | undefined>;
}
