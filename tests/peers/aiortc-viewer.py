#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WHEP viewer by aiortc: aiortc-viewer.py URL [SECONDS]. Prints {"frames", "sounds", "clock"} as JSON: pictures and
sounds decoded, and seconds between the first and the last picture's time."""
import asyncio
import json
import sys
import urllib.parse
import urllib.request

from aiortc import RTCPeerConnection, RTCSessionDescription

seen = {"frames": 0, "sounds": 0, "clock": 0.0}


async def take(track):
    first = None
    while True:
        frame = await track.recv()
        if track.kind == "audio":
            seen["sounds"] += 1
            continue
        first = frame.time if first is None else first
        seen["frames"] += 1
        seen["clock"] = frame.time - first


async def main(url, seconds):
    peer = RTCPeerConnection()
    tasks = []
    peer.on("track", lambda track: tasks.append(asyncio.ensure_future(take(track))))
    peer.addTransceiver("video", direction="recvonly")
    peer.addTransceiver("audio", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp.encode()
    request = urllib.request.Request(url, offer, {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request) as answer:
        resource = urllib.parse.urljoin(url, answer.headers["Location"])
        sdp = answer.read().decode()
    await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    urllib.request.urlopen(urllib.request.Request(resource, method="DELETE")).close()
    await peer.close()
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 8))
