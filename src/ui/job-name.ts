// How a job is called: its task, then its label.

export function nameOf({ task, label }: { readonly task: string; readonly label: string }): string {
  return label === task || label.startsWith(`${task} `) ? label : `${task} ${label}`;
}
