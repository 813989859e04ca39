"""Just enough CBOR to see which members an answer has; botocore's own parser hides unmodelled ones."""

import struct


def read(body):
    value, end = _item(body, 0)
    assert end == len(body), "bytes after the answer"
    return value


def _item(body, at):
    major, info = body[at] >> 5, body[at] & 31
    at += 1
    if major == 7:
        if info in (20, 21, 22):
            return {20: False, 21: True, 22: None}[info], at
        width, form = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}[info]
        return struct.unpack(form, body[at : at + width])[0], at + width
    if info < 24:
        argument = info
    else:
        width = {24: 1, 25: 2, 26: 4, 27: 8}[info]
        argument, at = int.from_bytes(body[at : at + width], "big"), at + width
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major == 3:
        return body[at : at + argument].decode(), at + argument
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _item(body, at)
            items.append(item)
        return items, at
    if major == 5:
        entries = {}
        for _ in range(argument):
            key, at = _item(body, at)
            entries[key], at = _item(body, at)
        return entries, at
    if major == 6:
        return _item(body, at)
    raise ValueError(f"unexpected CBOR major type {major}")
