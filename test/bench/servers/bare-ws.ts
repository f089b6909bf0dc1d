import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { order, serveCommands, turn } from './control.js';

// The floor: nothing but `ws`, sending every client the bytes that a gateway would. It speaks just enough of
// Engine.IO and Socket.IO to be measured by the same load.

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const clients = new Set<WebSocket>();
server.on('connection', (client) => {
  client.send('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":60000,"maxPayload":1000000}');
  client.on('message', () => {
    clients.add(client);
    client.send('40/events,{"sid":"x"}');
    client.send('42/events,["connected",{}]');
  });
  client.on('close', () => clients.delete(client));
});

let number = 0;
server.on('listening', () => {
  serveCommands(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    async publish(turns, events) {
      for (let count = 0; count < turns; count++) {
        for (let event = 0; event < events; event++) {
          const { newStatus: status, ...rest } = order(++number);
          const timestamp = new Date().toISOString();
          const payload = { type: 'order_status', data: { ...rest, status, timestamp }, userId: 7, timestamp };
          const frame = Buffer.from(`42/events,["order_update",${JSON.stringify(payload)}]`);
          for (const client of clients) client.send(frame, { binary: false });
        }
        await turn();
      }
    },
  });
});
