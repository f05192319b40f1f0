// Colours repeat what a word beside them says.

const colours: Readonly<Record<string, string>> = {
  running: 'cyan', building: 'cyan', built: 'green', unchanged: 'green', hit: 'green', failed: 'red', interrupted: 'yellow', skipped: 'yellow', waiting: 'gray',
};

export function colourOf(state: string): string {
  return colours[state] ?? 'white';
}
