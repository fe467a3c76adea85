/** A bot token, wherever it stands: the id, the time and the signature. */
const BOT_TOKEN = /\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g;
/** A bot's token of any form, in the text of a header. */
const AUTHORIZATION = /\b(authorization\W{1,8}(?:Bot|Bearer) )([\w.-]+)/gi;
/** The token of an interaction, wherever it stands: `interaction:` in base64. */
const INTERACTION_TOKEN = /\baW50ZXJhY3Rpb246[\w-]+/g;
/** The token of a webhook or an interaction in a path or URL. */
const PATH_TOKEN = /(\/(?:webhooks|interactions)\/\d{17,20}\/)([^/"?\\\s]+)/g;
/** A field that is a right; the text may be broken off before the field ends. */
const TOKEN_FIELD = /("(?:token|session_id|access_token|authorization)"\s*:\s*")((?:[^"\\]|\\.)*)/gi;

/**
 * Masks the secrets in a text, of JSON or not: tokens of bots, webhooks and interactions, and session ids. What stands in
 * their place is up to `mask`; the mask of a mask has to be the mask, for texts may be masked twice.
 */
export function maskSecrets(text: string, mask: (secret: string) => string = () => '***'): string {
  const inField = (_all: string, before: string, secret: string) => before + mask(secret);
  return text
    .replaceAll(TOKEN_FIELD, inField)
    .replaceAll(PATH_TOKEN, inField)
    .replaceAll(INTERACTION_TOKEN, mask)
    .replaceAll(BOT_TOKEN, mask)
    .replaceAll(AUTHORIZATION, inField);
}

/** Makes a masker that gives each secret a number, so that a reader can tell which belong together. */
export function createMask(): (text: string) => string {
  const numbers = new Map<string, number>();
  const numbered = (secret: string) => {
    // The gateway's frames come with their tokens masked already.
    if (secret === '***' || /^<secret \d+>$/.test(secret)) return secret;
    if (!numbers.has(secret)) numbers.set(secret, numbers.size + 1);
    return `<secret ${numbers.get(secret)}>`;
  };
  return (text) => maskSecrets(text, numbered);
}
