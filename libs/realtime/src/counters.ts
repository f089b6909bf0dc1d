import { Injectable } from '@nestjs/common';

/** What this process has done since it started. */
@Injectable()
export class Counters {
  /** Messages that clients sent. */
  messagesIn = 0;
  /** Deliveries and confirmations to clients, each counted for each socket; not the answers to their messages. */
  messagesOut = 0;
  /** Clients that came back with a position. */
  resumes = 0;
  /** Clients that had to be told to reload. */
  resyncs = 0;
  /** Sockets that were cut because they did not keep up. */
  slowDisconnects = 0;
}
