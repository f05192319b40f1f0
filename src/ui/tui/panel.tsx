// A title with a rule behind it, and rows below: always as high as it was told to be.
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { shortened } from './text.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export function Panel({ title, size: { columns, rows }, children }: { readonly title: string; readonly size: Size; readonly children: ReactNode }): ReactNode {
  if (rows < 2) return null;
  const name = shortened(title, columns - 6);
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Text dimColor>{`── ${name} ${'─'.repeat(Math.max(0, columns - name.length - 4))}`}</Text>
      {children}
    </Box>
  );
}

/** One row of the screen, whatever is in it. */
export function Row({ children }: { readonly children: ReactNode }): ReactNode {
  return <Box height={1} flexShrink={0}><Text wrap="truncate-end">{children}</Text></Box>;
}

export function More({ count }: { readonly count: number }): ReactNode {
  return count === 0 ? null : <Row><Text dimColor>{`  … ${count} more`}</Text></Row>;
}
