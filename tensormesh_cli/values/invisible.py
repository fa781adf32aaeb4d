"""
Characters that nobody sees: a terminal obeys some of them, and others turn text around.

C0 and C1 controls, marks of direction and overrides of it, separators of lines, tags, halves of pairs, and marks
without width. Those that join letters are none of them: whole languages need them, and many a picture.
"""

from __future__ import annotations

import re

INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
