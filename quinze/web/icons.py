"""The drawings of the interface: 16 × 16, one stroke, taken from nowhere else."""

_ALERT = '<path d="M8 2 14.5 13.5h-13Z"/><path d="M8 6.5v3.2M8 11.6v.1"/>'

ICONS: dict[str, str] = {
    "alert": _ALERT,
    "warn": _ALERT,
    "ok": '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
    "check": '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.7M8 5v.1"/>',
    "phone": '<path d="M4 2.5 6 2l1.5 3.5-1.6 1.3a9 9 0 0 0 3.8 3.8l1.3-1.6 3.5 1.5-.5 2a1.5 1.5 0 0 1-1.6 1'
    'A11 11 0 0 1 2.9 4.1 1.5 1.5 0 0 1 4 2.5Z"/>',
    "person": '<circle cx="8" cy="5" r="2.75"/><path d="M2.5 14c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5"/>',
    "people": '<circle cx="6" cy="5.5" r="2.5"/><path d="M1.5 13.5c.4-2.6 2.2-4 4.5-4s4.1 1.4 4.5 4M10.5 3.2'
    'a2.5 2.5 0 0 1 0 4.6M12 9.8c1.5.5 2.4 1.8 2.6 3.7"/>',
    "lock": '<rect x="3.5" y="7" width="9" height="6.5" rx="1"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
    "close": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "minus": '<path d="M3 8h10"/>',
    "file": '<path d="M4 1.5h5.5L13 5v9.5H4ZM9.5 1.5V5H13"/>',
    "arrow": '<path d="M3 8h10m-4-4 4 4-4 4"/>',
    "back": '<path d="M13 8H3m4-4L3 8l4 4"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "calendar": '<rect x="2.5" y="3.5" width="11" height="10" rx="1"/><path d="M2.5 6.5h11M5.5 2v2.5M10.5 2v2.5"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>',
    "diamond": '<path d="m8 1 7 7-7 7-7-7Z"/>',
    "ring": '<circle cx="8" cy="8" r="6.5"/>',
    "leave": '<path d="M6.5 3h-4v10h4M6.5 8h7m-3-3 3 3-3 3"/>',
    "print": '<path d="M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2"/><path d="M4.5 9.5h7v4h-7Z"/>',
    "message": '<path d="M2.5 3.5h11v7h-6l-3 3v-3h-2Z"/>',
    "chart": '<path d="M2.5 13.5h11M4.5 11V7.5M8 11V3.5M11.5 11V6"/>',
    "eye": '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z"/><circle cx="8" cy="8" r="1.75"/>',
    "home": '<path d="m8 2 6 5v7H2V7Z"/>',
    "pin": '<path d="M8 14.5S3 9.8 3 6.3a5 5 0 0 1 10 0c0 3.5-5 8.2-5 8.2Z"/><circle cx="8" cy="6.3" r="1.75"/>',
    "edit": '<path d="M3 13h2.5L13 5.5 10.5 3 3 10.5Z"/>',
    "trash": '<path d="M3 4.500h10M6 4.500V2.500h4v2M4.5 4.500l.5 9h6l.5-9"/>',
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "moon": '<path d="M13 9.500A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.500Z"/>',
    "sound": '<path d="M2.5 6v4H5l3.5 3V3L5 6Z"/><path d="M10.5 5.5a3.5 3.5 0 0 1 0 5m2-7a6.300 6.300 0 0 1 0 9"/>',
    "key": '<circle cx="5" cy="8" r="2.5"/><path d="M7.5 8h6v2.500M11 8v2"/>',
    "down": '<path d="m4 6 4 4 4-4"/>',
}
