// Boxes and arrows, as the writers of diagrams take them.

export interface Box {
  readonly id: string;
  /** Any text; one line each. */
  readonly lines: readonly string[];
  readonly look: Look;
}

/** ran: solid; found: dashed; failed: heavy; given: another shape. */
export type Look = 'ran' | 'found' | 'failed' | 'given';

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

export interface Drawing {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}
