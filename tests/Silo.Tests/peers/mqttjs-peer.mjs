// A peer made of MQTT.js.
//
// pub HOST PORT VERSION TOPIC QOS PAYLOAD [QOS PAYLOAD]...   publishes, waits for each acknowledgement, prints "published"
// sub HOST PORT VERSION QOS FILTER                           prints "subscribed", then "TOPIC QOS PAYLOAD" for each message
import mqtt from 'mqtt';

const [mode, host, port, version, ...rest] = process.argv.slice(2);
const client = await mqtt.connectAsync({
  protocol: 'mqtt', host, port: Number(port), protocolVersion: version === '5' ? 5 : 4, reconnectPeriod: 0,
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
