import type { BroadcastDto, Id, Json } from '@lib/events';

export type Broadcast = BroadcastDto;

export interface UserNotification {
  userId: Id;
  title: string;
  message: string;
  data?: Json;
}

export interface StockNotification {
  productId: Id;
  productName: string;
  currentQuantity: number;
  previousQuantity: number;
  threshold: number;
}
