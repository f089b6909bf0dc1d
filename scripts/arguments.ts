import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** EX_USAGE is 64, but 2 is what command-line users know for a wrong call. */
const WRONG_CALL = 2;

/** Ends the process with one line that says what is wrong with the call. */
export function wrongCall(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(WRONG_CALL);
}

/** The options of this call, each a string; a wrong one ends the process with one line. */
export function readOptions<Name extends string>(names: readonly Name[], usage: string): Partial<Record<Name, string>> {
  const options: ParseArgsOptionsConfig = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  try {
    const { values } = parseArgs({ args: process.argv.slice(2), options, strict: true, allowPositionals: false });
    return values as Partial<Record<Name, string>>;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]?.split('. ')[0] : String(error);
    return wrongCall(`${reason}. Usage: ${usage}`);
  }
}
