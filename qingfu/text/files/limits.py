"""How much the room of files takes on, in one place, each with its reason; and the one error for what it does not."""

MEGABYTE = 1_000_000

# A report is text with some photographs: room for a dozen of a camera's, and it fits a small server's memory.
MOST_BYTES = 64 * MEGABYTE

# A text file: seven million characters, some 2,000 reports. A second goes by for each five or ten megabytes.
MOST_TEXT = 20 * MEGABYTE

# All parts of a .docx unpacked. Photographs do not shrink in a zip, so an honest file unpacks to little more than
# itself.
MOST_UNPACKED = 256 * MEGABYTE

# One XML part. A million characters in plain paragraphs are 5 MB of XML; much formatting makes it several times that.
MOST_XML = 32 * MEGABYTE

# Entries of a .docx and bytes of its directory. Word writes a dozen or two, and one for each picture.
MOST_ENTRIES = 5_000
MOST_DIRECTORY = 2 * MEGABYTE

# Runs of text, tabs, line and paragraph ends: 1,000 pages of 1,000 pieces. So many take about 450 MB.
MOST_PIECES = 1_000_000

# A report of 1,000 pages is a yearbook. A hundred pages of plain text take three seconds.
MOST_PAGES = 1_000

# A PDF is read and an old Word file is converted in a process of its own, which may not run or grow for ever.
# LibreOffice converts a report in two to five seconds.
PDF_SECONDS = 60
PDF_MEMORY = 2_000 * MEGABYTE
OFFICE_SECONDS = 90

# Of the characters of a text file, how many may be control characters. Text has none but line ends and tabs.
MOST_CONTROL_SHARE = 0.02

# Of the bytes of a text file, how many may belong to no character. A page damaged in copying has one in a hundred.
MOST_BROKEN_SHARE = 0.1


class CannotRead(ValueError):
    """The file cannot be read; its text says in Chinese why, and what the person who chose it can do."""
