import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { signal } from '@preact/signals';
import { LiveConnection, type ConnectionState } from './connection';

export const live = new LiveConnection({
  createHub: () => new HubConnectionBuilder().withUrl('/live').configureLogging(LogLevel.None).build(),
});

export const connectionState = signal<ConnectionState>('reconnecting');

/** Grows by one with each connection after the first: what was read before may have holes since, so read it again. */
export const connectionEpoch = signal(0);

/** Connects, and wakes the connection when the network or the reader comes back. */
export function startLive(): void {
  let connections = 0;
  live.onState(state => { connectionState.value = state; });
  live.onConnected(() => {
    if (connections++ > 0) connectionEpoch.value++;
  });
  addEventListener('online', () => live.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') live.wake();
  });
  live.start();
}
