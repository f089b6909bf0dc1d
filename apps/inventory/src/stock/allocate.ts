export interface Level {
  locationId: string;
  quantity: number;
}

/**
 * From which locations an order's pieces come: from the one that holds just enough, so that it leaves in one
 * parcel and large stores stay large; else from the fullest first. `levels` must hold `wanted` together.
 */
export function allocate(levels: readonly Level[], wanted: number): Level[] {
  const fullestFirst = levels
    .filter(({ quantity }) => quantity > 0)
    .toSorted((a, b) => b.quantity - a.quantity || a.locationId.localeCompare(b.locationId));
  const single = fullestFirst.findLast(({ quantity }) => quantity >= wanted);
  if (single) return [{ locationId: single.locationId, quantity: wanted }];

  const parts: Level[] = [];
  let missing = wanted;
  for (const { locationId, quantity } of fullestFirst) {
    const taken = Math.min(quantity, missing);
    if (taken === 0) break;
    parts.push({ locationId, quantity: taken });
    missing -= taken;
  }
  if (missing > 0) throw new RangeError('The locations hold fewer pieces than their product');
  return parts;
}
