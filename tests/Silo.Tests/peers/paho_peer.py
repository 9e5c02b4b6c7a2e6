"""A peer made of paho-mqtt.

pub HOST PORT VERSION TOPIC QOS PAYLOAD [QOS PAYLOAD]...   publishes, waits for each acknowledgement, prints "published"
sub HOST PORT VERSION QOS FILTER                           prints "subscribed", then "TOPIC QOS PAYLOAD" for each message

PEER_TRANSPORT (tcp, tls, ws, wss), PEER_CA, PEER_CERT, PEER_KEY, PEER_USER, PEER_PASSWORD and PEER_CLIENT_ID say how and as whom.
"""
import os
import sys
import threading

import paho.mqtt.client as mqtt

mode, host, port, version, *rest = sys.argv[1:]
option = lambda name: os.environ.get("PEER_" + name) or None
transport = option("TRANSPORT") or "tcp"
client = mqtt.Client(
    client_id=option("CLIENT_ID") or "",
    protocol=mqtt.MQTTv5 if version == "5" else mqtt.MQTTv311,
    transport="websockets" if transport.startswith("ws") else "tcp",
)
if transport.startswith("ws"):
    client.ws_set_options(path="/mqtt")
if transport in ("tls", "wss"):
    client.tls_set(ca_certs=option("CA"), certfile=option("CERT"), keyfile=option("KEY"))
if option("USER"):
    client.username_pw_set(option("USER"), option("PASSWORD"))
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
    def on_subscribe(_client, _userdata, _mid, granted, *_properties):
        code = getattr(granted[0], "value", granted[0])
        print("subscribed" if code < 128 else f"refused {code}", flush=True)

    client.on_subscribe = on_subscribe
    client.on_message = lambda _client, _userdata, m: print(m.topic, m.qos, m.payload.decode(), flush=True)
    client.subscribe(rest[1], int(rest[0]))
    client.loop_forever()
