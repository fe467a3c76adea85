/** Colours of roles on the dark ground. Pure. */

/** The role's colour, made light enough to be read on the dark ground (4.5:1 on #313338). */
export function readableColor(color: number): string {
  let [red, green, blue] = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
  const lightness = (): number => {
    const linear = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  };
  // #313338 has a relative luminance of 0.033: 4.5 times (0.033 + 0.05), less 0.05, is 0.325.
  for (let step = 0; step < 20 && lightness() < 0.33; step += 1)
    [red, green, blue] = [red, green, blue].map((part) => Math.min(255, Math.round(part + (255 - part) * 0.12 + 1))) as [
      number,
      number,
      number,
    ];
  return `rgb(${red} ${green} ${blue})`;
}
