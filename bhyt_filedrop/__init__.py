"""Watch an FTP tree for children's lists, check each workbook, pass it on or send it back.

The process that this package serves is 1331/BHXH-THU (Ho Chi Minh City, 2015): the quarterly
round trip of the lists of under-sixes who were treated on a birth certificate because they had
no insurance card yet.
"""

__version__ = "0.2.0"
"""The release that is being made; what is installed may be a commit before it."""
