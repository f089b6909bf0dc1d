/** What one gateway process counts; sums over the nodes are meaningful. */
export type NodeCounts = Readonly<Record<string, number>>;

/** The gateway processes that are alive, with their counts. */
export interface Nodes {
  /** Names this process: unique, new at each start. */
  readonly id: string;
  /** `counts` is asked for whenever the node tells of itself. */
  start(counts: () => NodeCounts): void;
  /** Every live node's newest counts, this one's as of now. A dead node is gone within 10 seconds. */
  all(): Promise<Readonly<Record<string, NodeCounts>>>;
  close(): Promise<void>;
}
