const OLDEST = [20, 19];

/** Throws when this Node.js is older than the program needs. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new Error(
    `Guildhall needs Node.js ${OLDEST.join('.')} or newer; this is ${process.versions.node}. See https://nodejs.org`,
  );
}
