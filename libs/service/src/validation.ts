import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { OmsError, type FieldError } from '@lib/events';

/** Validates every DTO of HTTP and sockets alike: unknown fields are refused, each wrong field is named. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    // A payload that is no object at all must not slip through as an empty DTO.
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new OmsError('invalid_payload', { fields: flatten(errors, '') }),
  });
}

function flatten(errors: readonly ValidationError[], parent: string): FieldError[] {
  return errors.flatMap((error) => {
    const field = parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
    return [...own, ...flatten(error.children ?? [], field)];
  });
}
