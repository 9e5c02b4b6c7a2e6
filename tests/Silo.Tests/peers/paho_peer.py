"""A peer made of paho-mqtt.

pub HOST PORT VERSION TOPIC QOS PAYLOAD [QOS PAYLOAD]...   publishes, waits for each acknowledgement, prints "published"
sub HOST PORT VERSION QOS FILTER                           prints "subscribed", then "TOPIC QOS PAYLOAD" for each message
"""
import sys
import threading

import paho.mqtt.client as mqtt

mode, host, port, version, *rest = sys.argv[1:]
client = mqtt.Client(protocol=mqtt.MQTTv5 if version == "5" else mqtt.MQTTv311)
connected = threading.Event()


def on_connect(_client, _userdata, _flags, reason, *_properties):
    if reason != 0:
        sys.exit(f"CONNACK {reason}")
    connected.set()


client.on_connect = on_connect
client.connect(host, int(port))

if mode == "pub":
    client.loop_start()
    if not connected.wait(10):
        sys.exit("no CONNACK within 10 s")
    topic, *messages = rest
    for qos, payload in zip(messages[::2], messages[1::2]):
        client.publish(topic, payload, int(qos)).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()
    print("published", flush=True)
else:
    client.on_subscribe = lambda *_: print("subscribed", flush=True)
    client.on_message = lambda _client, _userdata, m: print(m.topic, m.qos, m.payload.decode(), flush=True)
    client.subscribe(rest[1], int(rest[0]))
    client.loop_forever()
