"""The way of one drop, from the sighting in its folder to the last delivery."""
