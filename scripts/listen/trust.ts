import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { EnvironmentError, exitMisconfigured, readCertificate, type TlsEnv } from '@lib/service';

/** Lets this process trust the gateway's own certificate, which may be self-signed, beside the usual authorities. */
export function trustGateway(env: TlsEnv): void {
  try {
    const certificate = readCertificate(env);
    if (certificate) setDefaultCACertificates([...getCACertificates('default'), certificate.toString()]);
  } catch (error) {
    if (error instanceof EnvironmentError) exitMisconfigured(error);
    throw error;
  }
}
