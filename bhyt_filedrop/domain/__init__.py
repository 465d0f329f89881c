"""The pure core: no clock, no disk, no network; everything it needs comes in as values."""
