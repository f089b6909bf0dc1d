export { ERRORS, OmsError, type ErrorBody, type ErrorCode, type FieldError, type OmsErrorOptions } from './errors.js';
