export function alloc(len: i32): usize {
  return heap.alloc(len);
}
export function handle(ptr: usize, len: i32): i64 {
  for (let i: i32 = 0; i < len; i++) store<u8>(ptr + i, load<u8>(ptr + i) ^ 1);
  return ((ptr as i64) << 32) | (len as i64);
}
