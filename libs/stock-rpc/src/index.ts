export { STOCK_RPC_TIMEOUT_MS, StockRpcClient } from './stock-rpc.client.js';
export { StockRpcServer, type StockRpcServerOptions } from './stock-rpc.server.js';
export type { FailedLine, StockLine, StockReservations } from './stock-reservations.js';
