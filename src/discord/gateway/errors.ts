/** Why the connection to Discord can never work with these settings. The message says what to do; the process should end with it. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly reason: 'token' | 'intents' | 'sharding' | 'version';
  constructor(reason: GatewayError['reason'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

const WRONG_TOKEN =
  'Discord does not accept the token in DISCORD_TOKEN. Copy it anew from the page "Bot" of your application at https://discord.com/developers/applications.';

/** The error for a close code after which Discord wants no reconnection; null for every other code. */
export function fatalClose(code: number): GatewayError | null {
  switch (code) {
    case 4004:
      return new GatewayError('token', WRONG_TOKEN);
    case 4010:
    case 4011:
      return new GatewayError('sharding', `Discord refuses the number of shards (close code ${code}).`);
    case 4012:
      return new GatewayError('version', 'Discord no longer speaks this version of its gateway: update discord.js.');
    case 4013:
    case 4014:
      return new GatewayError(
        'intents',
        'Discord refuses the gateway intents. Guildhall needs only "Guilds"; a client handed in must not ask for intents that its application may not have.',
      );
    default:
      return null;
  }
}

/** The error when a request says that the token is wrong; null for every other error. */
export function fatalLogin(error: unknown): GatewayError | null {
  if (error === null || typeof error !== 'object') return null;
  const code = 'code' in error ? error.code : undefined;
  const status = 'status' in error ? error.status : undefined;
  if (code === 'TokenInvalid' || status === 401) return new GatewayError('token', WRONG_TOKEN, { cause: error });
  if (code === 'DisallowedIntents' || (error instanceof Error && error.message === 'Used disallowed intents'))
    return fatalClose(4014);
  return null;
}
