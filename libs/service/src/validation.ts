import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { isShallowJson, MAX_JSON_DEPTH, OmsError, type FieldError } from '@lib/events';

/** Validates every DTO of HTTP and sockets alike: unknown fields are refused, each wrong field is named. */
export function validationPipe(): ValidationPipe {
  return new ShallowValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    // A payload that is no object at all must not slip through as an empty DTO.
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new OmsError('invalid_payload', { fields: flatten(errors, '') }),
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
    const field = parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
    return [...own, ...flatten(error.children ?? [], field)];
  });
}
