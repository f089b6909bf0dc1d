import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { ClientMessage, isShallowJson, MAX_JSON_DEPTH, OmsError, type FieldError } from '@lib/events';

/** Wrong fields that one refusal names, and characters of each name: an answer stays small, however large what was sent. */
const MAX_FIELDS = 100;
const MAX_NAME = 128;

/** Validates every DTO of HTTP and sockets alike: unknown fields are refused, each wrong field is named. */
export function validationPipe(): ValidationPipe {
  return new ShallowValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    // A payload that is no object at all must not slip through as an empty DTO.
    forbidUnknownValues: true,
    validationError: { target: true, value: false },
    exceptionFactory: (errors) => new OmsError('invalid_payload', { fields: flatten(errors, '').slice(0, MAX_FIELDS) }),
  });
}

/** Nest's own pipe walks a body by recursion: one that is nested deeply enough would end in a stack overflow and a 500. */
class ShallowValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && typeof value === 'object' && !isShallowJson(value)) {
      throw new OmsError('invalid_payload', { message: `Send JSON of at most ${MAX_JSON_DEPTH} levels` });
    }
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

function flatten(errors: readonly ValidationError[], parent: string): FieldError[] {
  return errors.flatMap((error) => {
    const field = (parent === '' ? error.property : `${parent}.${error.property}`).slice(0, MAX_NAME);
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]): FieldError => {
      if (constraint !== 'whitelistValidation') return { field, message };
      const quiet = error.target instanceof ClientMessage;
      return { field: quiet ? '' : field, message: 'is not a known field' };
    });
    return [...own, ...flatten(error.children ?? [], field)];
  });
}
