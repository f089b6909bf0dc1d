import { HttpService } from '@nestjs/axios';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ERRORS, OmsError, type ErrorBody, type ErrorCode, type Json } from '@lib/events';
import { isAxiosError, type AxiosResponse } from 'axios';
import { firstValueFrom } from 'rxjs';
import { CART_CONFIG, type CartConfig } from '../config.js';
import type { AddressId } from './checkout.dto.js';

export interface OrderRequest {
  /** Sent as `Idempotency-Key`: however often it is asked, the order service makes at most one order of it. */
  key: string;
  /** The user's own `Authorization` header. */
  authorization: string;
  addressId: AddressId;
  items: { productId: number; quantity: number; price: number }[];
}

/**
 * What became of an order:
 * - `placed`: it exists.
 * - `refused`: the order service looked at it and said no. Under this key there is none.
 * - `turned_away`: this request was not looked at; an earlier one under the same key may have been.
 * - `unknown`: no answer, or none that says.
 */
export type OrderOutcome =
  { kind: 'placed'; order: Json } | { kind: 'refused' | 'turned_away' | 'unknown'; error: OmsError };

/** Milliseconds until an answer no longer counts. */
const TIMEOUT_MS = 10_000;
/** Bytes of the largest answer that is read. */
const ANSWER_LIMIT = 4_194_304;

/** Refusals from before an order is looked at. */
const AT_THE_DOOR: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'auth_required',
  'token_invalid',
  'token_expired',
  'forbidden',
  'rate_limited',
]);

/** The connection was never made, so the request never arrived. */
const NOT_REACHED: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** Places orders with the order service. Never throws. */
@Injectable()
export class OrderClient {
  private readonly logger = new Logger('Orders');
  private readonly url: string;

  constructor(
    private readonly http: HttpService,
    @Inject(CART_CONFIG) config: CartConfig,
  ) {
    this.url = `${config.ORDER_URL.replace(/\/+$/, '')}/order/orders`;
  }

  async place({ key, authorization, addressId, items }: OrderRequest): Promise<OrderOutcome> {
    const headers = { authorization, 'idempotency-key': key };
    try {
      const answer = await firstValueFrom(
        this.http.post<unknown>(
          this.url,
          { addressId, items },
          {
            headers,
            timeout: TIMEOUT_MS,
            maxContentLength: ANSWER_LIMIT,
            maxRedirects: 0,
            // The address is one of ours: a proxy of the environment must not see the user's token.
            proxy: false,
            validateStatus: () => true,
          },
        ),
      );
      return this.read(answer);
    } catch (error) {
      const code = isAxiosError(error) ? error.code : undefined;
      this.logger.warn(`the order service did not answer: ${code ?? String(error)}`);
      const away = new OmsError('unavailable', { message: 'Orders cannot be placed now, try again later' });
      return { kind: NOT_REACHED.has(code) ? 'turned_away' : 'unknown', error: away };
    }
  }

  private read({ status, data }: AxiosResponse<unknown>): OrderOutcome {
    if ((status === 200 || status === 201) && isObject(data)) return { kind: 'placed', order: data as Json };
    const refusal = status >= 400 && status < 500 ? refusalOf(data) : undefined;
    if (!refusal) {
      this.logger.warn(`the order service answered ${status}`);
      const away = new OmsError('unavailable', { message: 'Orders cannot be placed now, try again later' });
      return { kind: 'unknown', error: away };
    }
    const { code, ...rest } = refusal;
    const error = new OmsError(code, rest);
    // Another request under this key is at work right now, such as one that this service gave up waiting for.
    if (code === 'conflict') return { kind: 'unknown', error };
    return { kind: AT_THE_DOOR.has(code) ? 'turned_away' : 'refused', error };
  }
}

/** The error of a body `{ success: false, error: { code, message, fields?, details? } }`, if it is one of ours. */
function refusalOf(data: unknown): ErrorBody | undefined {
  if (!isObject(data) || !isObject(data['error'])) return undefined;
  const { code, message, fields, details } = data['error'];
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code) || typeof message !== 'string') return undefined;
  return {
    code: code as ErrorCode,
    message,
    ...(Array.isArray(fields) && { fields: fields as NonNullable<ErrorBody['fields']> }),
    ...(details !== undefined && { details }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
