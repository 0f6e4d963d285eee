// A reactor that never ends.

export function alloc(length: i32): usize {
  return heap.alloc(length);
}

let turns: u64 = 0;

export function handle(pointer: usize, length: i32): u64 {
  while (true) turns++;
  return 0;
}
