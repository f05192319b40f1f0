// What is written in the pictures: words, numbers, and things like prices, dates and addresses.
import type { Random } from './random.ts';

const words = (
  'the quick brown fox jumps over lazy dog Exit Open Closed Sale Price Total Amount Invoice Street Avenue North South East West Market '
  + 'Coffee Bakery Hotel Station Platform Gate Ticket Receipt Garden Museum Library School Doctor Pharmacy Parking Please Welcome Danger '
  + 'Warning Push Pull Fresh Organic Bread Cheese Milk Water Monday Tuesday Friday January March October minutes hours kilograms model '
  + 'number serial version network engine compiler signal River Mountain Village Bridge Tower Island Harbour'
).split(' ');

const patterns: readonly ((random: Random) => string)[] = [
  (random) => Array.from({ length: random.whole(1, 3) }, () => random.pick(words)).join(' '),
  (random) => random.pick(words).toUpperCase(),
  (random) => String(random.whole(10, 9_999_999)),
  (random) => `${random.pick(['$', '€', '£', ''])}${random.whole(1, 999)}.${String(random.whole(0, 99)).padStart(2, '0')}`,
  (random) => `${random.whole(1, 28)}.${random.whole(1, 12)}.${random.whole(1990, 2030)}`,
  (random) => `${random.pick(words)} ${random.whole(1, 300)}`,
  (random) => `No. ${random.whole(100, 9999)}-${random.pick(['A', 'B', 'K', 'X'])}`,
  (random) => `${random.pick(words).toLowerCase()}@${random.pick(words).toLowerCase()}.com`,
];

export function makePhrase(random: Random): string {
  return random.pick(patterns)(random);
}
