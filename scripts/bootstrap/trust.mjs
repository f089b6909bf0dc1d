// Preloaded (`node --import`) into the services where the gateway serves HTTPS: they call it, and its certificate may
// be self-signed. Not by NODE_EXTRA_CA_CERTS, which names one file, and may be in use for a company's own authority.
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

const certificate = readFileSync(process.env.SSL_CERT_PATH, 'utf8');
setDefaultCACertificates([...getCACertificates('default'), certificate]);
