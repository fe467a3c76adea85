/** Where the page goes unless told otherwise. */
export const defaultOutDir: string;

/**
 * Writes index.html, app.js and app.css to `outDir` (made when missing) and gives that folder back.
 * Throws esbuild's BuildFailure when the page does not compile.
 */
export function buildPage(outDir?: string): Promise<string>;
