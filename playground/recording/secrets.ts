/** A bot token, wherever it stands: the id, the time and the signature. */
const BOT_TOKEN = /\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g;
/** The token of a webhook or an interaction in a path or URL. */
const PATH_TOKEN = /(\/(?:webhooks|interactions)\/\d{17,20}\/)([^/"?\\\s]+)/g;
const TOKEN_FIELD = /("(?:token|session_id|access_token)":")([^"\\]*)"/g;

/**
 * Makes a function that masks the tokens in a text of JSON: those of bots, webhooks and interactions, and session ids. Each
 * gets a number, so that a reader can tell which belong together.
 */
export function createMask(): (text: string) => string {
  const numbers = new Map<string, number>();
  const masked = (secret: string) => {
    // The gateway's frames come with their tokens masked already.
    if (secret === '***') return secret;
    if (!numbers.has(secret)) numbers.set(secret, numbers.size + 1);
    return `<secret ${numbers.get(secret)}>`;
  };
  return (text) =>
    text
      .replaceAll(TOKEN_FIELD, (_all, field: string, secret: string) => `${field}${masked(secret)}"`)
      .replaceAll(PATH_TOKEN, (_all, path: string, secret: string) => `${path}${masked(secret)}`)
      .replaceAll(BOT_TOKEN, masked);
}
