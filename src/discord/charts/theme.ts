/** Colours and font of the charts. */

/** The family under which the bundled DejaVu Sans is registered. */
export const FONT = 'Guildhall Sans';

/**
 * Discord's dark surface and three status colours that stay apart for colour-blind people too: they differ in lightness
 * and come in the same order everywhere.
 */
export const COLOURS = {
  background: '#2b2d31',
  text: '#f2f3f5',
  quiet: '#b5bac1',
  grid: '#3f4147',
  completed: '#3ba55d',
  failed: '#f0686b',
  cancelled: '#949ba4',
  agent: '#7983f5',
} as const;
