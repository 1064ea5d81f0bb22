/** Object store and task queue in memory: what protocol tests run on where thousands of runs or forced faults are wanted. */
export { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
export { MemoryTaskQueue } from '../../lib/cloud/memoryTaskQueue.ts';
