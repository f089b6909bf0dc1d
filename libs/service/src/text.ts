import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { ValidateBy } from 'class-validator';

/** The largest id of an `integer` column, on PostgreSQL as well. */
const MAX_ID = 2_147_483_647;

/**
 * A string of `min` to `max` UTF-16 units that a database can keep: no NUL character, which PostgreSQL has no way
 * to store, and no half of a surrogate pair, which no UTF-8 can spell.
 */
export const IsText = (min: number, max: number): PropertyDecorator =>
  ValidateBy({
    name: 'isText',
    validator: {
      validate: (value: unknown) => isText(value, min, max),
      defaultMessage: (args) => `${args?.property ?? 'value'} must be a text of ${min} to ${max} characters`,
    },
  });

function isText(value: unknown, min: number, max: number): boolean {
  if (typeof value !== 'string' || value.length < min || value.length > max) return false;
  return !/\0|\p{Surrogate}/u.test(value);
}

/** A path parameter that is the whole-number id of a row: `@Param('id', IdPipe) id: number`. Anything else is 400. */
@Injectable()
export class IdPipe implements PipeTransform<string | number, number> {
  // The global ValidationPipe, which comes first, has made a number of it where it could (`1e1` is 10 by then).
  transform(value: string | number, { data: field = 'id' }: ArgumentMetadata): number {
    const id = /^[1-9]\d{0,9}$/.test(String(value)) ? Number(value) : Infinity;
    if (id <= MAX_ID) return id;
    throw new OmsError('invalid_payload', {
      fields: [{ field, message: `${field} must be a whole number from 1 to ${MAX_ID}` }],
    });
  }
}
