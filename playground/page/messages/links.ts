/** Where a link may lead, and which pictures may be shown: nothing may make the page ask another machine. */

/** A discord.com link to a channel or message, e.g. `https://discord.com/channels/1/2/3`. */
export function discordLink(url: string): { channelId: string; messageId?: string } | null {
  const match = /^https?:\/\/(?:\w+\.)?discord\.com\/channels\/(?:\d+|@me)\/(\d+)(?:\/(\d+))?\/?$/.exec(url);
  return match?.[1] ? { channelId: match[1], messageId: match[2] } : null;
}

/** The address of a file that this playground serves (or a data URI), else null. */
export function localFile(url: string | undefined): string | null {
  if (!url) return null;
  if (/^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i.test(url)) return url;
  try {
    const address = new URL(url, location.href);
    const loopback = ['127.0.0.1', 'localhost', '[::1]', location.hostname].includes(address.hostname);
    return /^https?:$/.test(address.protocol) && loopback && address.port === location.port
      ? address.pathname + address.search
      : null;
  } catch {
    return null; // Not an address: nothing to show.
  }
}

/** 1536 → "1.5 KB". */
export function fileSize(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : 1)} ${units[unit]}`;
}
