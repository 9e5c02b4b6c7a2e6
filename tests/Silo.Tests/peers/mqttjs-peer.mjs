// A peer made of MQTT.js.
//
// pub HOST PORT VERSION TOPIC QOS PAYLOAD [QOS PAYLOAD]...   publishes, waits for each acknowledgement, prints "published"
// sub HOST PORT VERSION QOS FILTER                           prints "subscribed", then "TOPIC QOS PAYLOAD" for each message
//
// PEER_TRANSPORT (tcp, tls, ws, wss), PEER_CA, PEER_CERT, PEER_KEY, PEER_USER, PEER_PASSWORD and PEER_CLIENT_ID say how and as whom.
import { readFileSync } from 'node:fs';
import mqtt from 'mqtt';

const [mode, host, port, version, ...rest] = process.argv.slice(2);
const option = (name) => process.env[`PEER_${name}`] || undefined;
const file = (name) => option(name) && readFileSync(option(name));
const protocol = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' }[option('TRANSPORT') ?? 'tcp'];
const tls = { ca: file('CA'), cert: file('CERT'), key: file('KEY') };
const client = await mqtt.connectAsync({
  protocol, host: protocol.startsWith('ws') && host.includes(':') ? `[${host}]` : host, port: Number(port), path: '/mqtt', ...tls, wsOptions: tls,
  username: option('USER'), password: option('PASSWORD'), ...(option('CLIENT_ID') && { clientId: option('CLIENT_ID') }),
  protocolVersion: version === '5' ? 5 : 4, reconnectPeriod: 0,
});

if (mode === 'pub') {
  const [topic, ...messages] = rest;
  for (let i = 0; i < messages.length; i += 2) await client.publishAsync(topic, messages[i + 1], { qos: Number(messages[i]) });
  await client.endAsync();
  console.log('published');
} else {
  client.on('message', (topic, payload, packet) => console.log(topic, packet.qos, payload.toString()));
  await client.subscribeAsync(rest[1], { qos: Number(rest[0]) });
  console.log('subscribed');
}
