#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a feed on standard input as foreign programs do, and writes what they understood as JSON.

feeds.py ics: python3-icalendar; feeds.py rss: python3-feedparser."""
import json
import sys


def read_calendar(data):
    import icalendar

    calendar = icalendar.Calendar.from_ical(data)
    return {
        "name": str(calendar["X-WR-CALNAME"]),
        "events": [
            {
                "uid": str(event["UID"]),
                "summary": str(event["SUMMARY"]),
                "description": str(event["DESCRIPTION"]),
                "status": str(event["STATUS"]),
                "start": event.decoded("DTSTART").isoformat(),
                "end": event.decoded("DTEND").isoformat(),
            }
            for event in calendar.walk("VEVENT")
        ],
    }


def read_podcast(data):
    import feedparser

    feed = feedparser.parse(data)
    return {
        "bozo": bool(feed.bozo),
        "title": feed.feed.title,
        "language": feed.feed.language,
        "items": [
            {
                "id": item.id,
                "title": item.title,
                "summary": item.summary,
                "link": item.link,
                "published": list(item.published_parsed),
                "duration": item.get("itunes_duration"),
                "image": item.get("image", {}).get("href"),
                "enclosures": [
                    {"url": one.href, "type": one.type, "length": int(one.length)}
                    for one in item.enclosures
                ],
                "chapters": item.get("podcast_chapters", {}).get("url"),
            }
            for item in feed.entries
        ],
    }


READERS = {"ics": read_calendar, "rss": read_podcast}
json.dump(READERS[sys.argv[1]](sys.stdin.buffer.read()), sys.stdout)
