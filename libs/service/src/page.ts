import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** The query of a paged list: `?limit=20&offset=0`. */
export class PageQuery {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit = 20;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  offset = 0;
}

/** What every paged list answers, beside the list itself. */
export interface Page {
  /** Of all there are, not only of this page. */
  count: number;
  limit: number;
  offset: number;
}
