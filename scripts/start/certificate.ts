import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { EnvironmentError, readCertificate } from '@lib/service';
import { reachable, type SystemEnv } from '../services.js';

/**
 * The gateway's certificate, where it serves HTTPS. Throws {@link EnvironmentError}, also where the services, which
 * do check names, could not reach the gateway by the address they are going to be told.
 */
export function gatewayCertificate(env: SystemEnv, gatewayUrl: string | undefined): X509Certificate | undefined {
  const certificate = readCertificate(env);
  if (!certificate || gatewayUrl) return certificate;
  const host = reachable(env.HOST).replace(/^\[|\]$/g, '');
  const covered = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
  if (covered !== undefined) return certificate;
  throw new EnvironmentError([
    `SSL_CERT_PATH: must be a certificate for ${host}, by which the services reach the gateway; or set API_GATEWAY_URL to an address that it is for`,
  ]);
}
