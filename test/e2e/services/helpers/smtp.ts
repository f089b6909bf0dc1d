import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { atEnd } from './teardown.js';

interface Mail {
  from: string;
  to: string[];
  /** Headers and body as they came, with the line breaks of quoted-printable taken out. */
  content: string;
}

export interface MailServer {
  port: number;
  /** What came, in its order. */
  mails: Mail[];
  /** Refuses so many mails with a temporary error before it takes the next. */
  refuse: number;
}

/** A real SMTP server that lets in this user only. */
export async function startMailServer(user: string, password: string): Promise<MailServer> {
  const state: MailServer = { port: 0, mails: [], refuse: 0 };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth(auth, _session, callback) {
      if (auth.username === user && auth.password === password) callback(null, { user });
      else callback(new Error(`wrong password ${auth.password}`));
    },
    onData(stream, { envelope }, callback) {
      void text(stream).then((raw) => {
        if (state.refuse > 0) {
          state.refuse -= 1;
          return callback(Object.assign(new Error('busy'), { responseCode: 451 }));
        }
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        state.mails.push({ from, to, content: raw.replaceAll('=\r\n', '').replaceAll('\r\n', '\n') });
        callback();
      });
    },
  });
  server.on('error', () => undefined);
  const net = server.listen(0, '127.0.0.1');
  await once(net, 'listening');
  atEnd(() => new Promise((done) => server.close(() => done())));
  state.port = (net.address() as AddressInfo).port;
  return state;
}
