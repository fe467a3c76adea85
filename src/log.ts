/** The log: JSON lines without secrets. */
import { type DestinationStream, type Logger, pino } from 'pino';

/** Fields of anything logged that hold secrets. */
const REDACTED = ['token', '*.token', 'password', '*.password', 'authorization', '*.authorization'];
/** The token in a path of Discord's API: who has it can answer in the bot's name for 15 minutes. */
const PATH_TOKEN = /(\/(?:interactions|webhooks)\/\d+\/)[^/?\s]+/g;

/** An error as it is logged: without the body of a request (people's words) and without tokens in its address. */
export function loggableError(error: Error): object {
  const {
    requestBody: _body,
    rawError: _raw,
    request: _request,
    response: _response,
    ...rest
  } = pino.stdSerializers.err(error) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, typeof value === 'string' ? value.replace(PATH_TOKEN, '$1…') : value]),
  );
}

/** A logger of this level, to standard output unless told otherwise. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, redact: REDACTED, serializers: { err: loggableError } };
  return destination === undefined ? pino(options) : pino(options, destination);
}
