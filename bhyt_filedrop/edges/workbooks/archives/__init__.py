"""Zip, rar and 7z: members unpacked, names read. Door: `unpack`."""
