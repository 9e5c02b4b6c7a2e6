import type { Cell } from '../api/types';

export type CellColumn = 'ncgi' | 'plmn' | 'unit' | 'status' | 'prbLoadDl' | 'prbLoadUl' | 'connectedUsers' | 'time';

export interface Order { column: CellColumn; descending: boolean }

/** Sorted by one column; unknown values come last in both directions; equals by NCGI, so that rows do not dance. */
export function sortCells(cells: readonly Cell[], { column, descending }: Order): Cell[] {
  const sign = descending ? -1 : 1;
  return [...cells].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (x === null || y === null) return x === y ? byNcgi(a, b) : x === null ? 1 : -1;
    if (x === y) return byNcgi(a, b);
    return x < y ? -sign : sign;
  });
}

function byNcgi(a: Cell, b: Cell): number {
  return a.ncgi < b.ncgi ? -1 : a.ncgi > b.ncgi ? 1 : 0;
}
