interface Timer {
  dueMs: number;
  order: number;
  /** Undefined once it was taken back. */
  callback: (() => void) | undefined;
}

/** Timers in order of their due time, equal ones in the order they were made. */
export interface TimerHeap {
  /** Adds a timer; the returned function takes it back. */
  add(dueMs: number, callback: () => void): () => void;
  /** When the next timer is due. */
  nextDueMs(): number | undefined;
  /** Takes the next timer out when it is due by then. */
  take(byMs: number): (() => void) | undefined;
}

/** Below this many timers nothing is gained by clearing away those that were taken back. */
const FEW = 64;

const isBefore = (one: Timer, other: Timer) => one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);

function siftUp(heap: Timer[], from: number): void {
  const timer = heap[from] as Timer;
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(timer, heap[parent] as Timer)) break;
    heap[at] = heap[parent] as Timer;
    at = parent;
  }
  heap[at] = timer;
}

function siftDown(heap: Timer[], from: number): void {
  const timer = heap[from] as Timer;
  let at = from;
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    const right = child + 1;
    if (right < heap.length && isBefore(heap[right] as Timer, heap[child] as Timer)) child = right;
    if (!isBefore(heap[child] as Timer, timer)) break;
    heap[at] = heap[child] as Timer;
    at = child;
  }
  heap[at] = timer;
}

function removeFirst(heap: Timer[]): void {
  const last = heap.pop();
  if (heap.length === 0 || !last) return;
  heap[0] = last;
  siftDown(heap, 0);
}

/**
 * A binary heap. A timer that is taken back stays in it, empty, until its turn comes or empty ones are the majority: an
 * interaction sets two timers and takes one back, and thousands of them must cost next to nothing.
 */
export function createTimerHeap(): TimerHeap {
  let heap: Timer[] = [];
  let order = 0;
  let empty = 0;

  const clearAway = () => {
    if (heap.length < FEW || empty * 2 < heap.length) return;
    heap = heap.filter((timer) => timer.callback);
    for (let at = (heap.length >> 1) - 1; at >= 0; at--) siftDown(heap, at);
    empty = 0;
  };

  const first = (): Timer | undefined => {
    while (heap[0] && !heap[0].callback) {
      removeFirst(heap);
      empty--;
    }
    return heap[0];
  };

  return {
    add(dueMs, callback) {
      const timer: Timer = { dueMs, order: order++, callback };
      heap.push(timer);
      siftUp(heap, heap.length - 1);
      return () => {
        if (!timer.callback) return;
        timer.callback = undefined;
        empty++;
        clearAway();
      };
    },
    nextDueMs: () => first()?.dueMs,
    take(byMs) {
      const timer = first();
      if (!timer || timer.dueMs > byMs) return undefined;
      removeFirst(heap);
      const { callback } = timer;
      timer.callback = undefined;
      return callback;
    },
  };
}
