import { Injectable } from '@nestjs/common';

/** What this process has done since it started. */
@Injectable()
export class Counters {
  messagesIn = 0;
  messagesOut = 0;
}
